"""Is a difference shown to be smaller than a margin? Two one-sided tests.

That a difference is not significant doesn't show that there is none. For that, a margin is stated
beforehand, and both "it is as large as the margin" and "it is as large, the other way round" have
to be rejected (Schuirmann, "A comparison of the two one-sided tests procedure and the power
approach for assessing the equivalence of average bioavailability", 1987).
"""

from typing import NamedTuple

import numpy as np

from facebench.stats.intervals import Interval
from facebench.timing import loading


class Equivalence(NamedTuple):
    """The result of two one-sided tests."""

    #: p of "the difference is `-margin` or less", and of "it is `margin` or more".
    p_below: float
    p_above: float
    #: Whether both are rejected.
    shown: bool

    @property
    def p(self) -> float:
        """The larger of the two, which decides."""
        return max(self.p_below, self.p_above)


def equivalence(
    difference: float,
    error: float | tuple[float, float],
    margin: float,
    confidence: float = 0.95,
    freedom: float = float("inf"),
) -> Equivalence:
    """Test that a difference lies within `margin` of 0.

    error: its standard error; two numbers if it is another for a true difference of `-margin` and
    of `margin`. freedom: degrees of freedom of Student's distribution. Each test has the level
    1 - confidence, so an interval of confidence 2 confidence - 1 lies within the margin where both
    reject. Without a standard error (NaN) nothing is shown.

    >>> equivalence(0.0, 0.02, margin=0.05).shown, equivalence(0.0, 0.04, margin=0.05).shown
    (True, False)
    >>> round(equivalence(0.01, 0.02, margin=0.05).p, 4)
    0.0228
    """
    with loading():
        from scipy.special import stdtr

    if not margin > 0:
        raise ValueError(f"a margin is above 0, not {margin}")
    below, above = error if isinstance(error, tuple) else (error, error)
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = np.divide([-margin - difference, difference - margin], [below, above])
    p_below, p_above = (float(p) for p in stdtr(freedom, distances))
    level = 1 - confidence
    return Equivalence(p_below, p_above, bool(p_below < level and p_above < level))


def error_of(interval: Interval, confidence: float = 0.95, freedom: float = float("inf")) -> float:
    """Return the standard error of a number from its interval, which is as wide on both sides.

    >>> round(error_of((-1.96, 1.96)), 3)
    1.0
    """
    with loading():
        from scipy.special import stdtrit

    low, high = interval
    return float((high - low) / 2 / stdtrit(freedom, (1 + confidence) / 2))
