"""Rates of people's trials: how far they are known, where a few people may decide them.

A trial is a search, a pair, or anything else of one person that succeeds, fails, or succeeds in
part. A person's trials depend on each other, so a rate's variance is that of people.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from facebench.stats.intervals import (
    NO_INTERVAL,
    Interval,
    effective_people,
    rate_interval,
    totals,
)

#: From this share of the variance on, one person decides a rate, and a warning says so.
MOST_OF_ONE = 1 / 3


class Spread(NamedTuple):
    """How well m rates are known; float64 (m,) each."""

    #: Variance of the rate over samples of people.
    variance: np.ndarray
    #: How much larger that is than the plain variance of the people's contributions.
    inflation: np.ndarray
    #: Degrees of freedom of Student's quantile.
    freedom: np.ndarray
    #: Share of the variance that one person carries, 0 to 1.
    largest: np.ndarray
    #: Skewness of the people's contributions, divided by the square root of their number.
    skew: np.ndarray


class Rate(NamedTuple):
    """A rate, its interval, and the share of its variance that one person carries."""

    value: float
    interval: Interval
    largest: float


def spread(
    right: np.ndarray, squares: np.ndarray, trials: np.ndarray, also: np.ndarray | None = None
) -> Spread:
    """Return how well the rates sum(right) / sum(trials) are known.

    right, squares: float (people, m), each person's sum of results and of their squares; trials:
    (people,). also: float (people, m), what a person adds to the results of other people's trials.

    The variance is the larger of two. First, that of the people's contributions, each divided by 1
    less the person's share of all trials (HC3: MacKinnon and White, "Some heteroskedasticity-
    consistent covariance matrix estimators", 1985): a person with many trials pulls the rate to
    the own result. Second, what a person's trials have in common, measured where all people count
    alike (one-way analysis of variance), applied to the actual numbers of trials: in a sample in
    which the few people with most trials happened to succeed alike, the first is far too small.

    The degrees of freedom are those of a variance estimated from these contributions
    (Satterthwaite), by their kurtosis k: 4 people / (k - 1), at most the effective people less 1.

    >>> found = spread(np.array([[2.0], [0.0]]), np.array([[2.0], [0.0]]), np.array([2, 2]))
    >>> found.variance, found.largest
    (array([0.5]), array([0.5]))
    """
    trials = trials.astype(float)
    whole = max(trials.sum(), 1.0)
    share = (trials / whole)[:, None]
    plain = right - right.sum(axis=0) / whole * trials[:, None]
    if also is not None:
        plain = plain - (also - also.mean(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(share < 1, plain / (1 - share), 0.0)
        squared = own**2
        one = squared.sum(axis=0) / whole**2
        variance = np.maximum(one, _in_common(right, squares, trials))
        few = np.where(one > 0, squared.max(axis=0, initial=0) / squared.sum(axis=0), 0.0)
        inflation = np.where(one > 0, variance / (np.sum(plain**2, axis=0) / whole**2), 1.0)
        people = np.count_nonzero(trials)
        kurtosis = people * np.sum(squared**2, axis=0) / squared.sum(axis=0) ** 2
        known = np.where(kurtosis > 1, 4 * people / (kurtosis - 1), np.inf)
        skew = np.where(one > 0, np.sum(own**3, axis=0) / squared.sum(axis=0) ** 1.5, 0.0)
    most = max(effective_people(trials) - 1, 1.0)
    freedom = np.where(one > 0, np.clip(known, 1, most), most)
    return Spread(np.where(one > 0, variance, 0.0), inflation, freedom, few, skew)


def _in_common(right: np.ndarray, squares: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Return the variance of the rates if all people differ as those with several trials do."""
    several = trials >= 2
    if np.count_nonzero(several) < 2:
        return np.zeros(right.shape[1])
    each = trials[several, None]
    means = right[several] / each
    within = np.maximum(squares[several] - right[several] * means, 0) / (each - 1)
    between = np.maximum(means.var(axis=0, ddof=1) - (within / each).mean(axis=0), 0)
    return within.mean(axis=0) / trials.sum() + between / effective_people(trials)


def rates_by_person(
    successes: np.ndarray,
    identity: np.ndarray,
    confidence: float,
    other: np.ndarray | None = None,
    freed: np.ndarray | None = None,
) -> list[Rate]:
    """Return each column's mean with its interval over people.

    successes: (n, m), in [0, 1]: m results of n searches. identity: (n,), the searches' people.
    other, freed: (n,) and (n, m), the person who was found instead, and what the search would gain
    without that person: people matter in a search of somebody else too. Without any search, the
    means are NaN.

    >>> who = np.array([4, 4, 5, 5])
    >>> [(mean, (low, high), _)] = rates_by_person(np.ones((4, 1)), who, 0.95)
    >>> mean, round(low, 2), high
    (1.0, 0.01, 1.0)
    """
    successes = np.asarray(successes, float)
    if not len(successes):
        return [Rate(float("nan"), NO_INTERVAL, 0.0)] * successes.shape[1]
    found, effective = spread_of(successes, identity, other, freed)
    return [
        Rate(
            float(mean),
            rate_interval(float(mean), float(variance), effective, confidence, float(freedom)),
            float(largest),
        )
        for mean, variance, freedom, largest in zip(
            successes.mean(axis=0), found.variance, found.freedom, found.largest, strict=True
        )
    ]


def rate_of_totals(right: np.ndarray, trials: np.ndarray, confidence: float) -> Rate:
    """Return the rate of people's trials that succeed or fail, from their counts, (people,) each.

    >>> rate, (low, high), _ = rate_of_totals(np.full(50, 1.0), np.full(50, 2.0), 0.95)
    >>> rate, round(low, 2), round(high, 2)
    (0.5, 0.36, 0.64)
    """
    found = spread(right[:, None], right[:, None], trials)
    value = float(right.sum() / trials.sum())
    interval = rate_interval(
        value, float(found.variance[0]), effective_people(trials), confidence,
        float(found.freedom[0]),
    )  # fmt: skip
    return Rate(value, interval, float(found.largest[0]))


def spread_of(
    results: np.ndarray,
    identity: np.ndarray,
    other: np.ndarray | None = None,
    freed: np.ndarray | None = None,
) -> tuple[Spread, float]:
    """Return how well the means of `results` (n, m) are known, and of how many effective people.

    Arguments as for `rates_by_person`; results may also be differences, in [-1, 1].
    """
    everyone = identity if other is None else np.concatenate([identity, other])
    person, numbers = pd.factorize(everyone)
    people, own = len(numbers), person[: len(identity)]
    trials = np.bincount(own, minlength=people)
    also = None if freed is None else totals(freed, person[len(identity) :], people)
    found = spread(totals(results, own, people), totals(results**2, own, people), trials, also)
    return found, effective_people(trials)
