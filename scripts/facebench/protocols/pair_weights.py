"""Operating points of pairs that weigh as often as their people were drawn, for many draws at once.

A list of pairs, sorted by score, is cut into parts. What a part weighs in all draws is a product
with a sparse matrix of how often it names two people, or one; only within the part in which a
threshold lies are single pairs weighed. That gives what `thresholds.Curve` gives, in a fraction of
the time.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from facebench.timing import loading

#: Parts that a list is cut into.
PARTS = 64


class Thresholds(NamedTuple):
    """One threshold a draw and rate, as in `thresholds.Points`."""

    #: Decisions at or above it are positive: float64 (draws, rates).
    threshold: np.ndarray
    #: Did the list end before a rate was reached: bool (draws, rates).
    ended: np.ndarray


class WrongPairs:
    """Pairs of two people, which weigh as often as the product of how often both were drawn.

    scores: the highest ones, float64 (w,), in any order; people: int (w, 2), numbers below
    n_people.
    """

    def __init__(self, scores: np.ndarray, people: np.ndarray, n_people: int) -> None:
        order = np.argsort(-scores, kind="stable")
        self._scores = scores[order]
        self._first, self._second = np.ascontiguousarray(people[order].T)
        # A threshold takes all pairs with the same score, or none of them.
        self._ends = 1 + np.flatnonzero(np.diff(self._scores, append=-np.inf))
        self._cuts = cuts(self._ends)
        spans = zip(self._cuts[:-1], self._cuts[1:], strict=True)
        self._parts = [
            counts(self._first[a:b], self._second[a:b], (n_people, n_people)) for a, b in spans
        ]

    def __call__(self, weights: np.ndarray, allowed: np.ndarray) -> Thresholds:
        """Return the lowest thresholds that pairs of a weight of at most `allowed` reach.

        weights: float32 (draws, people); allowed: float64 (draws, rates).

        >>> pairs = WrongPairs(np.array([0.5, 0.75, 0.5]), np.array([[0, 1], [0, 2], [1, 2]]), 3)
        >>> pairs(np.ones((1, 3), np.float32), np.array([[3.0, 2.0, 0.0]])).threshold.round(6)
        array([[0.5 , 0.75, 0.75]])
        """
        found = np.full(allowed.shape, -np.inf)
        if not len(self._scores):
            return Thresholds(found, np.ones(allowed.shape, bool))
        drawn = np.ascontiguousarray(weights.T)
        sums = [np.sum((part @ drawn) * drawn, axis=0, dtype=float) for part in self._parts]
        before = np.cumsum([np.zeros(len(weights)), *sums], axis=0).T
        for draw, most in enumerate(allowed):
            for rate, weight in enumerate(most):
                found[draw, rate] = self._threshold(weights[draw], before[draw], weight)
        return Thresholds(found, before[:, -1:] <= allowed)

    def _threshold(self, weights: np.ndarray, before: np.ndarray, allowed: float) -> float:
        """Return the threshold in one draw; before: what the parts before each cut weigh."""
        part = int(np.searchsorted(before, allowed, side="right")) - 1
        taken = before[part]
        if part < len(self._parts):
            summed = self._summed(weights, part)
            start, stop = self._cuts[part], self._cuts[part + 1]
            first, last = np.searchsorted(self._ends, [start + 1, stop + 1])
            whole = summed[self._ends[first:last] - start - 1]
            groups = int(np.searchsorted(whole, allowed - taken, side="right"))
            taken += whole[groups - 1] if groups else 0.0
        if taken > 0:
            return float(self._scores[self._place(weights, before, taken, "left")])
        return float(np.nextafter(self._scores[self._place(weights, before, 0.0, "right")], np.inf))

    def _place(
        self,
        weights: np.ndarray,
        before: np.ndarray,
        weight: float,
        side: Literal["left", "right"],
    ) -> int:
        """Return where the pairs from the top weigh `weight`, or ("right") first weigh more."""
        part = int(np.searchsorted(before, weight, side=side)) - 1
        if part == len(self._parts):  # none weighs anything
            return len(self._scores) - 1
        summed = self._summed(weights, part)
        place = np.searchsorted(summed, weight - before[part], side=side)
        return int(self._cuts[part] + place)

    def _summed(self, weights: np.ndarray, part: int) -> np.ndarray:
        span = slice(self._cuts[part], self._cuts[part + 1])
        return np.cumsum(weights[self._first[span]] * weights[self._second[span]], dtype=float)


class RightPairs:
    """Pairs of one person, which weigh as often as the person was drawn, times each column.

    scores: float64 (r,), in any order; people: int (r,); columns: float64 (r, m).
    """

    def __init__(
        self, scores: np.ndarray, people: np.ndarray, columns: np.ndarray, n_people: int
    ) -> None:
        order = np.argsort(-scores, kind="stable")
        self._falling = -scores[order]
        self._people, self._columns = people[order], columns[order]
        self._cuts = cuts(np.arange(1, len(order) + 1))
        part = np.repeat(np.arange(len(self._cuts) - 1), np.diff(self._cuts))
        shape = (len(self._cuts) - 1, n_people)
        self._parts = [counts(part, self._people, shape, column) for column in self._columns.T]

    def __call__(self, weights: np.ndarray, threshold: np.ndarray) -> np.ndarray:
        """Return what the pairs at or above the thresholds weigh: float64 (draws, rates, m).

        weights: float32 (draws, people); threshold: float64 (draws, rates).

        >>> pairs = RightPairs(np.array([0.5, 0.75]), np.array([0, 1]), np.ones((2, 1)), 2)
        >>> pairs(np.array([[3, 1]], np.float32), np.array([[0.6, 0.5]]))[0, :, 0]
        array([1., 4.])
        """
        if not len(self._falling):
            return np.zeros((*threshold.shape, len(self._parts)))
        drawn = weights.T.astype(float)
        sums = np.stack([part @ drawn for part in self._parts])
        before = np.concatenate([np.zeros_like(sums[:, :1]), np.cumsum(sums, axis=1)], axis=1)
        found = np.zeros((*threshold.shape, len(self._parts)))
        above = np.searchsorted(self._falling, -threshold, side="right")
        for (draw, rate), end in np.ndenumerate(above):
            part = int(np.searchsorted(self._cuts, end, side="right")) - 1
            span = slice(self._cuts[part], end)
            rest = weights[draw, self._people[span]] @ self._columns[span]
            found[draw, rate] = before[:, part, draw] + rest
        return found


def cuts(ends: np.ndarray) -> np.ndarray:
    """Return where to cut a list into at most PARTS parts of like length, at some of `ends`.

    ends: int, ascending, the last is the length of the list.

    >>> cuts(np.array([1, 5, 6])), cuts(np.array([], int))
    (array([0, 1, 5, 6]), array([0]))
    """
    length = int(ends[-1]) if len(ends) else 0
    wanted = np.linspace(0, length, min(PARTS, max(length, 1)) + 1)[1:]
    places = np.minimum(np.searchsorted(ends, np.ceil(wanted)), max(len(ends) - 1, 0))
    return np.unique(np.concatenate([[0], ends[places] if len(ends) else []])).astype(np.int64)


def counts(
    rows: np.ndarray,
    columns: np.ndarray,
    shape: tuple[int, int],
    values: np.ndarray | None = None,
) -> Any:
    """Return a sparse matrix of how often, or with what sum of values, each cell is named."""
    with loading():
        from scipy.sparse import coo_array

    given = np.ones(len(rows), np.float32) if values is None else values
    return coo_array((given, (rows, columns)), shape=shape).tocsr()
