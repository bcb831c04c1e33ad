"""What the size of a gallery does to recognition: strangers are added to it."""
