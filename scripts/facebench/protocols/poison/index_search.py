"""The index of people that is poisoned, and searching it; a search that fails finds nobody."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from facebench.protocols.poison.scores import Vectors, cosines, exact


@dataclass(frozen=True)
class Index:
    """g entries of an index and the p searches that it gets.

    A picture of the gallery that failed is no entry, but it is `listed`; a search that failed finds
    nobody.
    """

    #: Unit rows, and who they are: float32 (g, d), int64 (g,).
    entries: np.ndarray
    names: np.ndarray
    #: Unit rows, of zeros for searches that failed: float32 (p, d), int64 (p,), bool (p,).
    probes: np.ndarray
    people: np.ndarray
    failed: np.ndarray
    #: How many pictures of each person should be entries: int64 (people,).
    listed: np.ndarray

    def scores(self, probes: np.ndarray, gallery: Vectors) -> np.ndarray:
        """Return the scores of some probes (numbers) against vectors: float64, -inf if failed."""
        table = cosines(self.asked[probes], gallery)
        table[self.failed[probes]] = -np.inf
        return table

    @cached_property
    def asked(self) -> np.ndarray:
        """The probes, to be multiplied."""
        return exact(self.probes).whole

    @cached_property
    def known(self) -> Vectors:
        """The entries, to be multiplied."""
        return exact(self.entries)


class Poisoned(NamedTuple):
    """What m poisoned entries do to k searches for the victim, and to everybody else's."""

    #: Place of the first poisoned entry, and of the first right one; inf without: float64 (k,).
    poison: np.ndarray
    mate: np.ndarray
    #: Whether a search has a right entry first, of all p; those for the victim don't count.
    right: np.ndarray


def first_of(table: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each row's first `chosen` column, and its score; inf and -inf for none.

    A row of -inf is a search that failed.

    >>> first_of(np.array([[0.5, 0.9, 0.5]]), np.array([False, False, True]))
    (array([3.]), array([0.5]))
    """
    if not chosen.any():
        return np.full(len(table), np.inf), np.full(len(table), -np.inf)
    only = np.where(chosen, table, -np.inf)
    at = only.argmax(axis=1)
    score = only.max(axis=1)
    earlier = (table == score[:, None]) & (np.arange(table.shape[1]) < at[:, None])
    ahead = np.count_nonzero(table > score[:, None], axis=1) + np.count_nonzero(earlier, axis=1)
    return np.where(np.isfinite(score), ahead + 1.0, np.inf), score


def best(index: Index) -> tuple[np.ndarray, np.ndarray]:
    """Return of every probe the best score and whether that entry is of its person."""
    table = index.scores(np.arange(len(index.people)), index.known)
    if not table.shape[1]:
        return np.full(len(table), -np.inf), np.zeros(len(table), bool)
    first = table.argmax(axis=1)
    return table.max(axis=1), (index.names[first] == index.people) & ~index.failed


def centroid(index: Index, victim: int) -> np.ndarray:
    """Return the mean of the victim's entries, of length 1: float32 (d,)."""
    mean = index.entries[index.names == victim].mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def spread(index: Index) -> float:
    """Return the median distance of a probe from its person's mean.

    It is the scale for "near a person": in some models' spaces all faces are near each other.
    """
    people, person = np.unique(index.names, return_inverse=True)
    means = np.zeros((len(people), index.entries.shape[1]))
    np.add.at(means, person, index.entries)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    known = np.isin(index.people, people) & ~index.failed
    own = means[np.searchsorted(people, index.people[known])]
    return float(np.median(np.linalg.norm(index.probes[known] - own, axis=1))) if len(own) else 0.0


def closeness(index: Index, victim: int) -> np.ndarray:
    """Return how near each entry is to the victim's mean: float64 (g,)."""
    return cosines(index.known.whole, exact(centroid(index, victim)[None]))[:, 0]


def untouched(index: Index, victim: int, top: tuple[np.ndarray, np.ndarray]) -> Poisoned:
    """Return the searches where the victim has no entry, so that nothing can be put beside it."""
    nowhere = np.full(np.count_nonzero(index.people == victim), np.inf)
    return Poisoned(nowhere, nowhere, top[1])
