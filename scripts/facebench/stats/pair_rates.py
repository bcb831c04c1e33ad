"""Rates of pairs of people: how far they are known, where each person is in many pairs."""

from typing import NamedTuple

import numpy as np

from facebench.stats.intervals import Interval, effective_people, rate_interval


class PairRate(NamedTuple):
    """A rate of pairs, its interval, and what each person contributes to its variance."""

    value: float
    interval: Interval
    #: float64 (people,): its squares, summed, less `once`, are the variance.
    influence: np.ndarray
    #: What a pair adds to that sum twice, because it has two people.
    once: float


def rate_of_pairs(hits: np.ndarray, pairs: np.ndarray, confidence: float) -> PairRate:
    """Return the rate of pairs that succeed, from each person's counts: float (people,) both.

    A pair is in the counts of both of its people. The variance is that of a sum over pairs of which
    two depend on each other if they share a person (Fafchamps and Gubert, "The formation of risk
    sharing networks", 2007), and at least that of pairs that don't depend on each other.

    >>> rate, (low, high), _, _ = rate_of_pairs(np.full(20, 2.0), np.full(20, 19.0), 0.95)
    >>> round(rate, 3), round(low, 2), round(high, 2)
    (0.105, 0.07, 0.16)
    """
    both = max(pairs.sum(), 1.0)
    value = float(hits.sum() / both)
    influence = 2 * (hits - value * pairs) / both
    once = 2 * value * (1 - value) / both
    people = effective_people(pairs)
    variance = variance_of(influence, once)
    interval = rate_interval(value, variance, people, confidence, max(people - 1, 1.0))
    return PairRate(value, interval, influence, once)


def variance_of(influence: np.ndarray, once: float) -> float:
    """Return the variance of a rate, or of a difference of rates, of pairs."""
    return max(float(np.sum(influence**2)) - once, once)
