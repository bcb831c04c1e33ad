"""A law of the share that is found by the size of the gallery, and what it says of larger ones.

Two laws are fitted, of N entries: `power`, in which the share that is missed grows as a power of N
(as in Grother and others' reports on one-to-many searches, NIST IR 8271), and `probit`, in which
the share that is found is the normal distribution function of a line in log N. Neither is a truth:
both are checked by predicting the largest gallery from the smaller ones.
"""

from typing import NamedTuple

import numpy as np

from facebench.timing import loading

#: Shares are kept this far from 0 and 1, where the laws have no finite value.
EDGE = 1e-4
LAWS = ("power", "probit")


class Fit(NamedTuple):
    """A law's line, for m samples: float64 (m,) each."""

    law: str
    level: np.ndarray
    slope: np.ndarray

    def at(self, entries: float) -> np.ndarray:
        """Return the share that is found among so many entries: float64 (m,), 0 to 1."""
        return found_of(self.law, self.level + self.slope * np.log10(entries))


def fit(law: str, entries: np.ndarray, found: np.ndarray) -> Fit:
    """Fit a law by least squares on its own scale.

    entries: float (sizes,); found: float (m, sizes), the share that is found in each, of m samples
    of people. Sizes count by how well their share is known: the squared slope of the scale, times
    the binomial variance, of the mean over the samples.

    >>> entries = np.array([1e3, 1e4, 1e5])
    >>> law = fit("power", entries, 1 - 0.01 * entries[None] ** 0.25)
    >>> law.slope.round(3), law.at(1e6).round(3)
    (array([0.25]), array([0.684]))
    """
    held = np.clip(found, EDGE, 1 - EDGE)
    across, up = np.log10(entries), scale_of(law, held)
    mean = held.mean(axis=0)
    steep = (scale_of(law, mean + EDGE / 10) - scale_of(law, mean - EDGE / 10)) / (EDGE / 5)
    weights = 1 / (steep**2 * mean * (1 - mean))
    weights = weights / weights.sum()
    middle, height = (weights * across).sum(), (weights * up).sum(axis=1)
    apart = across - middle
    slope = (weights * apart * up).sum(axis=1) / (weights * apart**2).sum()
    return Fit(law, height - slope * middle, slope)


def scale_of(law: str, found: np.ndarray) -> np.ndarray:
    """Return a share that is found on the scale in which the law is a line."""
    if law == "power":
        return np.log10(1 - found)
    with loading():
        from scipy.special import ndtri

    return np.asarray(ndtri(found))


def found_of(law: str, value: np.ndarray) -> np.ndarray:
    """Return the share of a value on a law's scale, 0 to 1."""
    if law == "power":
        return np.clip(1 - 10.0**value, 0, 1)
    with loading():
        from scipy.special import ndtr

    return np.asarray(ndtr(value))
