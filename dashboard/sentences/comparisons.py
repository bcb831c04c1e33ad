"""Rates and differences in a sentence, and what comparisons of models cannot show."""

from typing import Any

from dashboard import number_text, safe_text

ALPHA = 0.05

#: What no comparison of models here can show: each is one set of weights.
TRAINED_ONCE = (
    "Each model was trained once, and p is over people: another training of the same size may find"
    " more or fewer (of mini-s, a model of this project, another found 5.4 points fewer)."
)


def rate(row: Any) -> str:
    """Return a share with its interval, as Markdown."""
    text = f"{number_text.percent(row.value)} {number_text.interval(row.ci_low, row.ci_high)}"
    return safe_text.plain(text.strip())


def points(change: float, low: float, high: float) -> str:
    """Return a change in percentage points with its interval.

    >>> points(0.006, -0.027, 0.038)
    '+0.6 points [-2.7, 3.8]'
    """
    return f"{100 * change:+.1f} points {number_text.interval(low, high)}".strip()


def difference(row: Any) -> str:
    """Return how two models differ, for a tooltip: `difference`, its interval and its p."""
    verdict = "significant" if row.p_corrected < ALPHA else "not significant"
    if getattr(row, "protocol", "") == "open_set":
        verdict += ", overconfident: thresholds are held fixed"
    said = points(row.difference, row.ci_low, row.ci_high)
    return f"{said}, p {number_text.p_value(row.p_corrected)}: {verdict}"
