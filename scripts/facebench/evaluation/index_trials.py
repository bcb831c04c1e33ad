"""The numbers of trials of indices: what they find of an exact search, and of people."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any, NamedTuple

import numpy as np

from facebench.evaluation.results import Numbers
from facebench.indexes.trial import Found, Trial
from facebench.stats.intervals import Interval, rate_interval
from facebench.stats.person_rates import spread_of


class Searched(NamedTuple):
    """The searches: who is searched for, and what an exact search finds.

    people: int64 (n,); usable: bool (n,), which have a vector; owner: int64 (rows,), who is on each
    row of the index, -1 for a stranger; exact: int64 (usable, k), the nearest rows, best first.
    """

    people: np.ndarray
    usable: np.ndarray
    owner: np.ndarray
    exact: np.ndarray

    def right(self, rows: np.ndarray) -> np.ndarray:
        """Return whether the first of some rows (usable, k) is of the right person: float (n,)."""
        found = np.zeros(len(self.people))
        found[self.usable] = self.owner[rows[:, 0]] == self.people[self.usable]
        return found


def add_exact(numbers: Numbers, done: Searched, statistics: Mapping[str, Any]) -> np.ndarray:
    """Add what an exact search finds; return whether each search is right: float (n,)."""
    right = done.right(done.exact)
    numbers.add("rank1", right.mean(), over_people(right, done.people, statistics), at="exact")
    return right


def add_kind(
    numbers: Numbers,
    name: str,
    done: Searched,
    trials: Sequence[Trial],
    statistics: Mapping[str, Any],
) -> np.ndarray:
    """Add a kind's numbers, means over its trials; return what it finds with the most probes.

    That is in what share of the trials each search was right: float (n,).
    """
    numbers.add("build_seconds", mean([one.seconds for one in trials]), at=name)
    numbers.add("bytes", mean([one.bytes for one in trials]), at=name)
    right = np.zeros(len(done.people))
    for found in zip(*(one.found for one in trials), strict=True):
        at = f"{name}/{found[0].probes}" if found[0].probes else name
        right = add_setting(numbers, at, done, found, statistics)
    return right


def add_setting(
    numbers: Numbers,
    at: str,
    done: Searched,
    found: Sequence[Found],
    statistics: Mapping[str, Any],
) -> np.ndarray:
    """Add what was found at one setting, the mean over builds; return the share that was right."""
    people, exact = done.people[done.usable], done.exact
    first = np.array([one.rows[:, 0] == exact[:, 0] for one in found]).mean(axis=0)
    ten = np.mean([shared(one.rows, exact) for one in found], axis=0)
    for metric, share in (("recall1", first), ("recall10", ten)):
        numbers.add(metric, share.mean(), over_people(share, people, statistics), at=at)
    each = [float((one.rows[:, 0] == exact[:, 0]).mean()) for one in found]
    numbers.add("recall1_lowest", min(each), at=at)
    right: np.ndarray = np.mean([done.right(one.rows) for one in found], axis=0)
    lost = done.right(exact) - right
    numbers.add("rank1", right.mean(), over_people(right, done.people, statistics), at=at)
    numbers.add("lost", lost.mean(), at=at)
    for metric, threads in (("speed_one", 0), ("speed_all", 1)):
        numbers.add(metric, mean([one.speed[threads] for one in found]), at=at)
    return right


def shared(rows: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Return what share of the exact rows (n, k) is among the rows that were found: float (n,).

    >>> shared(np.array([[1, 2, 3]]), np.array([[1, 3, 4]])).round(2)
    array([0.67])
    """
    return (exact[:, :, None] == rows[:, None, :]).any(axis=2).mean(axis=1)


def over_people(results: np.ndarray, people: np.ndarray, statistics: Mapping[str, Any]) -> Interval:
    """Return the interval of a mean of searches' results, float (n,) in [0, 1], over people."""
    known, effective = spread_of(results[:, None], people)
    return rate_interval(
        float(results.mean()), float(known.variance[0]), effective, statistics["confidence"],
        float(known.freedom[0]),
    )  # fmt: skip
