"""Answers in sentences, made from numbers: pure functions from tables to Markdown."""

from dashboard.sentences.bigger import beside, bigger
from dashboard.sentences.cloaks import cloaks
from dashboard.sentences.comparisons import HELD_THRESHOLDS, TRAINED_ONCE, difference
from dashboard.sentences.search import searching

__all__ = [
    "HELD_THRESHOLDS",
    "TRAINED_ONCE",
    "beside",
    "bigger",
    "cloaks",
    "difference",
    "searching",
]
