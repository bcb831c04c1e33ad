"""Index poisoning: entries slipped in beside a victim's own, or names swapped. No training needed.

After Carlini and others, "Poisoning Web-Scale Training Datasets is Practical" (2023): an attacker
who can write to an indexed source can change what a search returns.
"""

import numpy as np

from facebench.protocols.poison.index_search import (
    Index,
    Poisoned,
    centroid,
    closeness,
    first_of,
    untouched,
)
from facebench.protocols.poison.scores import cosines, exact


def most(kind: str, index: Index, victim: int) -> float:
    """Return how many entries can be poisoned for a victim, enrolled or not."""
    if kind == "swapped":
        return int(index.listed[victim])
    usable = (index.people != victim) & ~index.failed
    return float("inf") if kind == "inserted" else int(np.count_nonzero(usable))


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
    near = cosines(index.asked, exact(centroid(index, victim)[None]))[:, 0]
    others = np.flatnonzero((index.people != victim) & ~index.failed)
    return others[np.argsort(-near[others], kind="stable")][:many]


def double(index: Index, victim: int) -> int | None:
    """Return the other person whose entry is nearest to the victim's mean; None without others."""
    near = closeness(index, victim)
    near[index.names == victim] = -np.inf
    nearest = int(np.argmax(near))
    return int(index.names[nearest]) if np.isfinite(near[nearest]) else None


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
    new = exact(vectors)
    mine = np.flatnonzero(index.people == victim)
    table = index.scores(mine, index.known)
    added = index.scores(mine, new)
    place, score = first_of(table, index.names == victim)
    mate = place + np.count_nonzero(added > score[:, None], axis=1)
    best_added = added.max(axis=1, initial=-np.inf)
    before = np.count_nonzero(table >= best_added[:, None], axis=1)
    poison = np.where(np.isfinite(best_added), 1.0 + before, np.inf)

    others = np.flatnonzero(index.people != victim)
    theirs = index.scores(others, new)
    if sources is not None:
        theirs[others[:, None] == sources] = -np.inf
    right = top[1].copy()
    right[others] &= theirs.max(axis=1, initial=-np.inf) <= top[0][others]
    return Poisoned(poison, mate, right)


def swapped(
    index: Index, victim: int, many: int, top: tuple[np.ndarray, np.ndarray]
) -> Poisoned | None:
    """Search after `many` of the victim's entries and of their double's have changed names.

    Those nearest to the victim's mean; None where one of them has fewer pictures listed. Of those
    listed, pictures that failed have no entry to swap.
    """
    other = double(index, victim)
    if other is None:
        return untouched(index, victim, top)
    if min(index.listed[victim], index.listed[other]) < many:
        return None
    near, names = closeness(index, victim), index.names.copy()
    mine, theirs = np.flatnonzero(names == victim), np.flatnonzero(names == other)
    mine = mine[np.argsort(-near[mine], kind="stable")][:many]
    theirs = theirs[np.argsort(-near[theirs], kind="stable")][:many]
    names[mine], names[theirs] = other, victim
    table = index.scores(np.flatnonzero(index.people == victim), index.known)
    moved = np.isin(np.arange(len(names)), mine)
    right = top[1].copy()
    touched = np.flatnonzero((index.people == other) & ~index.failed)
    first = index.scores(touched, index.known).argmax(axis=1)
    right[touched] = names[first] == other
    return Poisoned(first_of(table, moved)[0], first_of(table, names == victim)[0], right)
