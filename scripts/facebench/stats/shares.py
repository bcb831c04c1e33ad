"""Shares of what people's searches did, with intervals over people.

Each person has the same weight, whatever the number of their searches. Intervals are Wilson's, for
as many trials as the searches are worth (`facebench.stats.clustering`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from facebench.stats.clustering import Spread, together
from facebench.stats.intervals import NO_INTERVAL, Interval, effective_people
from facebench.timing import loading


class Share(NamedTuple):
    """A share of the searches of some people."""

    value: float
    spread: Spread


def share(
    part: np.ndarray, whole: np.ndarray | float, searches: np.ndarray | int = 1
) -> Share | None:
    """Return sum(part) / sum(whole) over people.

    part, whole: float (n,), what of a person's searches is counted, as a rate from 0 to `whole`,
    and of how much, 0 to 1. searches: int (n,), how many each person has. People with a `whole` of
    0 say nothing; None if that is everybody.

    >>> share(np.array([0.5, 0.0]), np.array([1.0, 0.5]), 2).value
    0.3333333333333333
    """
    part = np.asarray(part, float)
    whole = np.broadcast_to(np.asarray(whole, float), part.shape)
    searches = np.broadcast_to(searches, part.shape)
    there = whole > 0
    part, whole, searches = part[there], whole[there], searches[there]
    if not len(part):
        return None
    value = float(part.sum() / whole.sum())
    squares = float(np.sum(np.square(whole)))
    people = effective_people(whole)
    unbiased = len(part) / max(len(part) - 1, 1)
    seen = people * unbiased * float(np.sum(np.square(part - value * whole))) / squares
    least = float(np.sum(whole / searches)) / squares
    return Share(value, Spread(people, seen, people * value * (1 - value), min(least, 1.0)))


def share_intervals(shares: Sequence[Share], confidence: float) -> list[Interval]:
    """Return the interval of each share, of different people each.

    How much a person's searches agree is taken from all of them, so that a group of a few people,
    all of them alike, isn't taken for one without spread. Fewer than three people: no interval for
    two groups; fewer than two, none for one.
    """
    spread = together([one.spread for one in shares])
    freedom = spread.people - len(shares)
    if freedom < 1:
        return [NO_INTERVAL] * len(shares)
    return [
        wilson(one.value, one.spread.people / spread.weight, freedom, confidence) for one in shares
    ]


def mean_interval(
    values: np.ndarray, confidence: float, searches: np.ndarray | int = 1
) -> Interval:
    """Return the interval of the mean of people's rates, float (n,) in [0, 1].

    searches: how many each of the rates is of, int (n,) or one number for all.

    >>> low, high = mean_interval(np.ones(50), 0.95)
    >>> round(low, 3), high
    (0.925, 1.0)
    """
    found = share(values, 1.0, searches)
    return NO_INTERVAL if found is None else share_intervals([found], confidence)[0]


def wilson(rate: float, trials: float, freedom: float, confidence: float) -> Interval:
    """Return Wilson's interval of a rate in that many independent trials, with Student's quantile.

    >>> low, high = wilson(0.5, 100, 1e6, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    with loading():
        from scipy.special import stdtrit

    square = float(stdtrit(freedom, (1 + confidence) / 2)) ** 2
    middle = (rate + square / (2 * trials)) / (1 + square / trials)
    spread = rate * (1 - rate) + square / (4 * trials)
    half = float(np.sqrt(square * spread / trials)) / (1 + square / trials)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference_interval(one: Share, other: Share, confidence: float) -> Interval:
    """Return the interval of one share less another, of different people.

    Newcombe, "Interval estimation for the difference between independent proportions: comparison of
    eleven methods", 1998, method 10: from the intervals of both, whose widths near 0 and 1 are
    right where everybody of a group is alike.
    """
    (low, high), (other_low, other_high) = share_intervals([one, other], confidence)
    difference = one.value - other.value
    down = np.hypot(one.value - low, other_high - other.value)
    up = np.hypot(high - one.value, other.value - other_low)
    return difference - float(down), difference + float(up)
