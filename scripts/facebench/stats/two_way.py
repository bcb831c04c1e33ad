"""Means over people and over trainings: both were drawn, and either may decide the mean."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from facebench.stats.intervals import NO_INTERVAL, Interval, difference_interval, rate_interval


class TwoWay(NamedTuple):
    """A mean of people under trainings, how well it is known, and of how many it is."""

    value: float
    variance: float
    people: int
    seeds: int

    @property
    def freedom(self) -> int:
        """Degrees of freedom of Student's quantile: those of the fewer of both."""
        return min(self.people, self.seeds) - 1


def two_way(values: np.ndarray, person: np.ndarray, seed: np.ndarray) -> TwoWay:
    """Return the mean of `values` (n,), each of a `person` (n,) under the training `seed` (n,).

    The variance is the two-way one of Cameron, Gelbach and Miller, "Robust inference with multiway
    clustering" (2011): with r the values less their mean,

        V = V(people) + V(seeds) - V(both)
        V(g) = G / (G - 1) sum over g of (sum of r in g)^2 / n^2, of G groups

    where V(both) has each person under each training as a group. It can fall below one of the first
    two, or below 0, by chance; then it is the larger of these. As they say, Student's quantile has
    min(people, seeds) - 1 degrees of freedom.

    >>> found = two_way(np.array([1.0, 0, 1, 0]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    >>> found.value, found.variance, found.freedom
    (0.5, 0.25, 1)
    """
    values = np.asarray(values, float)
    people, persons = pd.factorize(person)
    seeds, trainings = pd.factorize(seed)
    rest = values - values.mean()
    both = people * len(trainings) + seeds
    of_people, of_seeds = _variance(rest, people), _variance(rest, seeds)
    variance = max(of_people + of_seeds - _variance(rest, both), of_people, of_seeds)
    return TwoWay(float(values.mean()), variance, len(persons), len(trainings))


def _variance(rest: np.ndarray, group: np.ndarray) -> float:
    sums = np.bincount(pd.factorize(group)[0], weights=rest)
    many = len(sums)
    return float(many / max(many - 1, 1) * np.sum(sums**2)) / len(rest) ** 2


def rate(found: TwoWay, confidence: float) -> Interval:
    """Return the interval of a rate: Wilson's, for as many trials as have its variance.

    NaN with fewer than two trainings, or people.

    >>> low, high = rate(TwoWay(0.5, 0.0025, 100, 5), 0.95)
    >>> round(low, 2), round(high, 2)
    (0.37, 0.63)
    """
    if found.freedom < 1:
        return NO_INTERVAL
    return rate_interval(found.value, found.variance, found.people, confidence, found.freedom)


def difference(found: TwoWay, confidence: float) -> Interval:
    """Return the interval of a mean of differences; NaN with fewer than two trainings.

    >>> low, high = difference(TwoWay(0.1, 0.0004, 100, 5), 0.95)
    >>> round(low, 3), round(high, 3)
    (0.044, 0.156)
    """
    return difference_interval(found.value, found.variance, found.freedom, confidence)
