"""The checks of `python -m tools.verify`: each yields what no longer matches in a study."""
