"""Operating points: right decisions at the threshold that a share of the wrong ones passes."""

from typing import NamedTuple

import numpy as np


class Points(NamedTuple):
    """One operating point a rate, float64 (rates,)."""

    #: Decisions at or above it are positive.
    threshold: np.ndarray
    #: Weight of the right ones among those (with several columns of weights, (rates, m)).
    right: np.ndarray
    #: Weight of the wrong ones among those.
    wrong: np.ndarray


class Curve:
    """Two lists of scores, sorted once and evaluated with any weights, for the bootstrap.

    right: scores of what should be accepted, float32 (n,). wrong: scores of what should not, or
    the highest of them, as many as the rates need. Failed attempts, which have no score, are left
    out of both.
    """

    def __init__(self, right: np.ndarray, wrong: np.ndarray) -> None:
        #: The orders in which `at` expects the weights.
        self.right_order = np.argsort(-right, kind="stable")
        self.wrong_order = np.argsort(-wrong, kind="stable")
        self._right = -right[self.right_order].astype(float)
        self._wrong = wrong[self.wrong_order].astype(np.float32)
        # A threshold takes all of the wrong ones with the same score, or none of them.
        self._ends = np.flatnonzero(np.diff(self._wrong, append=np.float32(-np.inf)))

    def at(
        self,
        rates: np.ndarray,
        attempts: float,
        right_weights: np.ndarray,
        wrong_weights: np.ndarray,
    ) -> Points:
        """Return the points at which wrong ones are at most the shares `rates` of `attempts`.

        Let k be how many wrong ones a rate allows, rounded down. The threshold is the k-th highest
        of their scores, and just above the highest for k = 0; where equal scores would let more
        than k pass, the next higher score that doesn't.

        right_weights may have several columns, (n, m), for several sums over the same scores;
        `Points.right` is (rates, m) then.

        >>> curve = Curve(np.array([0.9, 0.65, 0.5]), np.array([0.5, 0.75, 0.5, 0.125]))
        >>> points = curve.at(np.array([0.75, 0.5, 0.1]), 4, np.ones(3), np.ones(4))
        >>> points.threshold.round(6), points.right, points.wrong
        (array([0.5 , 0.75, 0.75]), array([3., 1., 1.]), array([3., 1., 0.]))
        """
        wrong = np.cumsum(wrong_weights, dtype=float)
        # Rates are decimal fractions: 0.29 of 100 is 29, despite binary rounding.
        allowed = np.asarray(rates) * attempts * (1 + 1e-9)
        passed = np.searchsorted(wrong, allowed, side="right")
        groups = np.searchsorted(self._ends, passed - 1, side="right")
        taken = np.zeros(len(passed))
        taken[groups > 0] = wrong[self._ends[groups[groups > 0] - 1]]
        threshold = self._threshold(wrong, taken)
        right = np.cumsum(right_weights, axis=0, dtype=float)
        right = np.concatenate([np.zeros((1, *right.shape[1:])), right])
        above = np.searchsorted(self._right, -threshold, side="right")
        return Points(threshold, right[above], taken)

    def _threshold(self, wrong: np.ndarray, taken: np.ndarray) -> np.ndarray:
        """Return the highest thresholds that let `taken` through, by cumulated weights `wrong`."""
        if not len(wrong):
            return np.full(len(taken), -np.inf)
        # Ignore entries with zero weight; the threshold is the last entry with weight.
        last = np.searchsorted(wrong, taken, side="left")
        first = min(int(np.searchsorted(wrong, 0, side="right")), len(wrong) - 1)
        above_all = np.nextafter(self._wrong[first], np.float32(np.inf))
        return np.where(taken > 0, self._wrong[last], above_all).astype(float)
