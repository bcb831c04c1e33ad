"""Index poisoning: entries slipped in beside a victim's own, or names swapped. No training needed.

After Carlini and others, "Poisoning Web-Scale Training Datasets is Practical" (2023): an attacker
who can write to an indexed source can change what a search returns.
"""

from typing import NamedTuple

import numpy as np

from facebench.protocols.poison.nearest import DECIMALS


class Index(NamedTuple):
    """g entries of an index and the p searches that it gets."""

    #: Unit rows, and who they are: float32 (g, d), int64 (g,).
    entries: np.ndarray
    names: np.ndarray
    #: float32 (p, d), int64 (p,).
    probes: np.ndarray
    people: np.ndarray

    def scores(self, probes: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return the scores of some probes (numbers) against vectors, rounded: float32."""
        return np.round(self.probes[probes] @ vectors.T, DECIMALS)


class Poisoned(NamedTuple):
    """What m poisoned entries do to k searches for the victim."""

    #: Place of the first poisoned entry, and of the first right one; inf without: float64 (k,).
    poison: np.ndarray
    mate: np.ndarray
    #: Of the searches for all others, how many have a right entry first: before, after, of all.
    others: tuple[int, int, int]


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
    known = np.isin(index.people, people)
    own = means[np.searchsorted(people, index.people[known])]
    return float(np.median(np.linalg.norm(index.probes[known] - own, axis=1))) if len(own) else 0.0


def inserted(index: Index, victim: int, many: int, noise: float, seed: int) -> np.ndarray:
    """Return vectors about the victim's mean, float32 (many, d).

    Each has a vector of random direction and length `noise` added. Smaller sets are the first rows
    of larger ones.
    """
    random = np.random.default_rng([seed, victim])
    mean = centroid(index, victim)
    away = random.standard_normal((many, len(mean)))
    away *= noise / np.linalg.norm(away, axis=1, keepdims=True)
    vectors = mean + away
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def lookalikes(index: Index, victim: int, many: int) -> np.ndarray:
    """Return the probes of other people that are nearest to the victim's mean, nearest first."""
    near = np.round(index.probes @ centroid(index, victim), DECIMALS)
    near[index.people == victim] = -np.inf
    return np.argsort(-near, kind="stable")[: min(many, np.count_nonzero(index.people != victim))]


def double(index: Index, victim: int) -> int:
    """Return the other person whose entry is nearest to the victim's mean."""
    near = np.round(index.entries @ centroid(index, victim), DECIMALS)
    near[index.names == victim] = -np.inf
    return int(index.names[np.argmax(near)])


def with_entries(
    index: Index,
    victim: int,
    vectors: np.ndarray,
    sources: np.ndarray | None,
    top: tuple[np.ndarray, np.ndarray],
) -> Poisoned:
    """Search with `vectors` added under a false name; equal scores leave older entries first.

    sources: the probes whose pictures the vectors are; these don't search for themselves. top: of
    every probe the best score and whether the entry is right (see `best`).
    """
    mine = np.flatnonzero(index.people == victim)
    table = index.scores(mine, index.entries)
    added = index.scores(mine, vectors)
    place, score = first_of(table, index.names == victim)
    mate = place + np.count_nonzero(added > score[:, None], axis=1)
    poison = 1.0 + np.count_nonzero(
        table >= added.max(axis=1, initial=-np.inf, keepdims=True), axis=1
    )

    others = np.flatnonzero(index.people != victim)
    theirs = index.scores(others, vectors)
    if sources is not None:
        theirs[others[:, None] == sources] = -np.inf
    best, right = top[0][others], top[1][others]
    still = right & (theirs.max(axis=1, initial=-np.inf) <= best)
    return Poisoned(poison, mate, (int(right.sum()), int(still.sum()), len(others)))


def first_of(table: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each row's first `chosen` column, and its score; inf and -inf for none.

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
    return ahead + 1.0, score


def best(index: Index) -> tuple[np.ndarray, np.ndarray]:
    """Return of every probe the best score and whether that entry is of its person."""
    table = index.scores(np.arange(len(index.probes)), index.entries)
    first = table.argmax(axis=1)
    return table.max(axis=1), index.names[first] == index.people


def swapped(
    index: Index, victim: int, many: int, top: tuple[np.ndarray, np.ndarray]
) -> Poisoned | None:
    """Search after `many` of the victim's entries and of their double's have changed names.

    Those nearest to the victim's mean; None where one of them has fewer.
    """
    other = double(index, victim)
    names = index.names.copy()
    mine, theirs = np.flatnonzero(names == victim), np.flatnonzero(names == other)
    if min(len(mine), len(theirs)) < many:
        return None
    mean = centroid(index, victim)
    near = np.round(index.entries @ mean, DECIMALS)
    mine = mine[np.argsort(-near[mine], kind="stable")][:many]
    theirs = theirs[np.argsort(-near[theirs], kind="stable")][:many]
    names[mine], names[theirs] = other, victim
    probes = np.flatnonzero(index.people == victim)
    order = np.argsort(-index.scores(probes, index.entries), axis=1, kind="stable")
    poison = np.argmax(np.isin(order, mine), axis=1) + 1.0
    mate = np.argmax(names[order] == victim, axis=1) + 1.0
    others = np.flatnonzero(index.people != victim)
    touched = others[index.people[others] == other]
    first = index.scores(touched, index.entries).argmax(axis=1)
    right = int(top[1][others].sum())
    change = int((names[first] == other).sum()) - int(top[1][touched].sum())
    return Poisoned(poison, mate, (right, right + change, len(others)))
