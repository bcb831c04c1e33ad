"""Answers in sentences, made from numbers: pure functions from tables to Markdown."""

from dashboard.sentences.bigger import beside, bigger, by_protocol
from dashboard.sentences.card import card, caveat
from dashboard.sentences.cloaks import cloaks
from dashboard.sentences.comparisons import TRAINED_ONCE, difference
from dashboard.sentences.named import named
from dashboard.sentences.search import searching

__all__ = [
    "TRAINED_ONCE",
    "beside",
    "bigger",
    "by_protocol",
    "card",
    "caveat",
    "cloaks",
    "difference",
    "named",
    "searching",
]
