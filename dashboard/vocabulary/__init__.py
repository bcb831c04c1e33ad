"""The words of the dashboard: names of columns, metrics, protocols, steps and attacks."""

from dashboard.vocabulary.columns import label, sentence_case
from dashboard.vocabulary.datasets import names_read, people
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
from dashboard.vocabulary.orders import counted, has_order, in_order

__all__ = [
    "PLAIN_NUMBERS",
    "PROTOCOLS",
    "UNKNOWN_KIND",
    "classifier",
    "counted",
    "has_order",
    "in_order",
    "label",
    "metric",
    "names",
    "names_read",
    "people",
    "reencoding",
    "sentence_case",
    "step",
    "threat",
    "variant",
]
