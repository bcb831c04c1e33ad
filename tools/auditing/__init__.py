"""The parts of `python -m tools.audit`."""
