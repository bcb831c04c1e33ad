"""The words of the dashboard: names of columns, metrics, protocols, steps and attacks."""

from dashboard.vocabulary.columns import label, sentence_case
from dashboard.vocabulary.experiments import (
    PROTOCOLS,
    UNKNOWN_KIND,
    classifier,
    reencoding,
    step,
    threat,
    variant,
)
from dashboard.vocabulary.metrics import PLAIN_NUMBERS, metric, names

__all__ = [
    "PLAIN_NUMBERS",
    "PROTOCOLS",
    "UNKNOWN_KIND",
    "classifier",
    "label",
    "metric",
    "names",
    "reencoding",
    "sentence_case",
    "step",
    "threat",
    "variant",
]
