"""What a study says to a claim."""

from typing import NamedTuple

#: The level of every test.
ALPHA = 0.05
SUPPORTED, CONTRADICTED, UNDETERMINED = "supported", "contradicted", "undetermined"


class Answer(NamedTuple):
    """A verdict on a claim, in one data set and crop.

    statistic: what `value` is, in words; value, ci_low and ci_high: shares or differences, NaN
    where there is none; p: corrected for all tests that the verdict rests on. people: how many the
    numbers are of. evidence: in sentences.
    """

    dataset: str
    crop: str
    verdict: str
    statistic: str
    value: float
    ci_low: float
    ci_high: float
    p: float
    people: int
    evidence: str


def points(value: float, low: float, high: float) -> str:
    """Return a difference with its interval, in points.

    >>> points(0.123, 0.1, 0.15)
    '+12.3 points [10.0, 15.0]'
    """
    return f"{100 * value:+.1f} points [{100 * low:.1f}, {100 * high:.1f}]"


def share(value: float, low: float, high: float) -> str:
    """Return a share with its interval, in per cent.

    >>> share(0.5, 0.4, 0.6)
    '50.0 % [40.0, 60.0]'
    """
    return f"{100 * value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
