"""Operating points: right decisions at the threshold that a share of the wrong ones passes."""

from typing import Literal, NamedTuple

import numpy as np


class Points(NamedTuple):
    """One operating point a draw and rate."""

    #: Decisions at or above it are positive: float64 (draws, rates).
    threshold: np.ndarray
    #: Weight of the right ones among those, in each column of weights: float64 (draws, rates, m).
    right: np.ndarray
    #: Weight of the wrong ones among those: float64 (draws, rates).
    wrong: np.ndarray
    #: Did the list of wrong ones end before a rate was reached: bool (draws, rates).
    ended: np.ndarray


class Curve:
    """Two lists of scores, sorted once and evaluated with any weights, for the bootstrap.

    right: scores of what should be accepted, float (n,). wrong: scores of what should not, float
    (w,), or the highest of them, as many as the rates need. Failed attempts, which have no score,
    are left out of both.
    """

    def __init__(self, right: np.ndarray, wrong: np.ndarray) -> None:
        #: The orders in which `at` expects the weights.
        self.right_order = np.argsort(-right, kind="stable")
        self.wrong_order = np.argsort(-wrong, kind="stable")
        self._right = -right[self.right_order].astype(float)
        self._wrong = wrong[self.wrong_order].astype(float)
        # A threshold takes all of the wrong ones with the same score, or none of them.
        self._ends = np.flatnonzero(np.diff(self._wrong, append=-np.inf))

    def at(
        self,
        rates: np.ndarray,
        attempts: np.ndarray,
        right_weights: np.ndarray,
        wrong_weights: np.ndarray,
    ) -> Points:
        """Return the points at which wrong ones are at most the shares `rates` of `attempts`.

        rates: (r,); attempts: (draws,); right_weights: (draws, n) or (draws, n, m), for several
        sums over the same scores; wrong_weights: (draws, w).

        Let k be how many wrong ones a rate allows, rounded down. The threshold is the k-th highest
        of their scores, and just above the highest for k = 0; where equal scores would let more
        than k pass, the next higher score that doesn't.

        >>> curve = Curve(np.array([0.9, 0.65, 0.5]), np.array([0.5, 0.75, 0.5, 0.125]))
        >>> rates, once = np.array([0.75, 0.5, 0.1]), np.ones((1, 4))
        >>> points = curve.at(rates, np.array([4]), once[:, :3], once)
        >>> points.threshold[0].round(6), points.right[0, :, 0], points.wrong[0]
        (array([0.5 , 0.75, 0.75]), array([3., 1., 1.]), array([3., 1., 0.]))
        """
        wrong = np.cumsum(wrong_weights, axis=1, dtype=float)
        # Rates are decimal fractions: 0.29 of 100 is 29, despite binary rounding.
        allowed = np.outer(attempts, rates) * (1 + 1e-9)
        ends = np.concatenate([np.zeros((len(wrong), 1)), wrong[:, self._ends]], axis=1)
        groups = _place(ends[:, 1:], allowed, "right")
        taken = np.take_along_axis(ends, groups, axis=1)
        threshold = self._threshold(wrong, taken)
        weights = right_weights[..., None] if right_weights.ndim == 2 else right_weights
        right = np.cumsum(weights, axis=1, dtype=float)
        right = np.concatenate([np.zeros((len(right), 1, right.shape[2])), right], axis=1)
        above = np.searchsorted(self._right, -threshold, side="right")
        found = np.take_along_axis(right, above[..., None], axis=1)
        return Points(threshold, found, taken, groups == len(self._ends))

    def _threshold(self, wrong: np.ndarray, taken: np.ndarray) -> np.ndarray:
        """Return the highest thresholds that let `taken` through, by cumulated weights `wrong`."""
        if not wrong.shape[1]:
            return np.full(taken.shape, -np.inf)
        # Ignore entries with zero weight; the threshold is the last entry with weight.
        most = wrong.shape[1] - 1
        last = np.minimum(_place(wrong, taken, "left"), most)
        first = np.minimum(_place(wrong, np.zeros((len(wrong), 1)), "right"), most)
        return np.where(taken > 0, self._wrong[last], np.nextafter(self._wrong[first], np.inf))


def _place(ascending: np.ndarray, values: np.ndarray, side: Literal["left", "right"]) -> np.ndarray:
    """Return each row's `np.searchsorted` of a row of values: int64, shape of `values`."""
    rows = zip(ascending, values, strict=True)
    return np.array([np.searchsorted(row, value, side) for row, value in rows])
