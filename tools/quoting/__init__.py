"""The parts of `python -m tools.quote`."""
