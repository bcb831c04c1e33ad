"""Intervals, tests, and whether there is enough data for a number."""
