"""The first k entries of every search, and how often each entry is among them."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.ranks import CELLS
from facebench.protocols.scores import scores


class Lists(NamedTuple):
    """The first k entries of n searches, best first; equal scores leave older entries first.

    Where an index has fewer than k entries, the last places are empty.
    """

    #: Scores, -inf for an empty place: float64 (n, k).
    scores: np.ndarray
    #: Numbers of entries, -1 for an empty place: int64 (n, k).
    entries: np.ndarray

    def last(self, k: int) -> np.ndarray:
        """Return the scores at place k: what a new entry has to beat to be among the first k."""
        return self.scores[:, k - 1]

    def first(self, k: int) -> "Lists":
        """Return the first k places alone."""
        return Lists(self.scores[:, :k], self.entries[:, :k])


def lists(searches: np.ndarray, entries: np.ndarray, k: int) -> Lists:
    """Return the first k of `entries`, float (g, d), for `searches`, float (n, d): unit rows.

    >>> found = lists(np.float32([[1, 0]]), np.float32([[0, 1], [1, 0], [1, 0]]), k=2)
    >>> found.entries, found.scores
    (array([[1, 2]]), array([[1., 1.]]))
    """
    n, size = len(searches), len(entries)
    found = Lists(np.full((n, k), -np.inf), np.full((n, k), -1))
    if not size:
        return found
    step = max(1, CELLS // size)
    for start in range(0, n, step):
        table = scores(searches[start : start + step], entries)
        row, column = among_first(table, k)
        place = np.arange(len(row)) - np.searchsorted(row, row)
        found.scores[start + row, place] = table[row, column]
        found.entries[start + row, place] = column
    return found


def among_first(table: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of each row's k highest cells, row by row, best first.

    Of equal cells, those further left come first. table: float (n, m).

    >>> among_first(np.array([[0.1, 0.3, 0.3]]), 2)
    (array([0, 0]), array([1, 2]))
    """
    size = table.shape[1]
    least = np.partition(table, size - k, axis=1)[:, size - k] if k < size else -np.inf
    # More than k where some are equal to the last of them.
    row, column = np.nonzero(table >= np.reshape(least, (-1, 1)))
    order = np.lexsort((column, -table[row, column], row))
    row, column = row[order], column[order]
    kept = np.arange(len(row)) - np.searchsorted(row, row) < k
    return row[kept], column[kept]


def with_entries(found: Lists, added: np.ndarray, first: int) -> Lists:
    """Return the lists after entries were added to the index, as numbers `first`, `first` + 1, ...

    added: their scores, float64 (n, m).
    """
    k = found.scores.shape[1]
    every = np.concatenate([found.scores, added], axis=1)
    numbers = np.tile(first + np.arange(added.shape[1]), (len(added), 1))
    numbers = np.concatenate([found.entries, numbers], axis=1)
    order = np.argsort(-every, axis=1, kind="stable")[:, :k]
    return Lists(np.take_along_axis(every, order, 1), np.take_along_axis(numbers, order, 1))


def of_others(found: Lists, people: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Return which places of the lists hold an entry of another person: bool (n, k).

    people: int (n,), who is searched for; names: int (g,), who each entry is.
    """
    theirs: np.ndarray = np.append(names, -1)[found.entries] != people[:, None]
    return theirs & (found.entries >= 0)


def occurrence(found: Lists, people: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Return among the first k of how many searches for other people each entry is: int64 (g,).

    The k-occurrence of Radovanovic, Nanopoulos and Ivanovic, "Hubs in space", 2010, without lists
    in which the entry belongs.

    >>> found = Lists(np.zeros((2, 2)), np.array([[0, 1], [1, 2]]))
    >>> occurrence(found, people=np.array([0, 2]), names=np.array([0, 1, 2]))
    array([0, 2, 0])
    """
    return np.bincount(found.entries[of_others(found, people, names)], minlength=len(names))


def skewness(counts: np.ndarray) -> float:
    """Return the skewness of counts (g,): 0 without hubs, 1 and more with strong ones; NaN if all
    are equal.

    >>> skewness(np.array([0, 0, 0, 4])).round(3)
    np.float64(1.155)
    """
    away = counts - np.mean(counts)
    spread = np.mean(away**2)
    return np.mean(away**3) / spread**1.5 if spread else float("nan")
