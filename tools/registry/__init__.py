"""What the installed libraries know of the models in `models/`, and the text of these files."""
