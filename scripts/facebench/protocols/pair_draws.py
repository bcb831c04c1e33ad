"""The shares of accepted pairs in every draw over people."""

import numpy as np

from facebench.protocols import roc
from facebench.protocols.pairs import AllPairs
from facebench.protocols.thresholds import Curve
from facebench.stats.intervals import identity_draws

#: Weights of pairs held at a time: 64 MB.
CELLS = 2**23


class Tars:
    """TAR at each rate, and the mean over people of each one's own, with any weights of people."""

    def __init__(self, pairs: AllPairs, rates: np.ndarray, attempts: np.ndarray) -> None:
        self.rates, self.attempts = rates, attempts
        #: Attempted pairs of one person: int64 (people,)
        self.right_pairs = attempts * (attempts - 1) // 2
        self._curve = Curve(pairs.right, pairs.wrong)
        self._who = pairs.right_person[self._curve.right_order]
        self._own = 1 / self.right_pairs[self._who]
        wrong = pairs.wrong_people[self._curve.wrong_order].T
        self._first, self._second = np.ascontiguousarray(wrong)
        #: Draws that are made at a time.
        self.block = max(1, CELLS // max(len(self._who) * 2, len(self._first), 1))

    def __call__(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
        """Return the TARs (draws, 2, rates), thresholds (draws, rates), and if the list ended.

        weights: float32 (draws, people). A pair of two people weighs as often as the product of
        theirs. The list of wrong pairs has ended if a rate would have let more of them pass.
        """
        right = weights[:, self._who].astype(float)
        points = self._curve.at(
            self.rates,
            wrong_pairs_of(weights * self.attempts),
            np.stack([right, right * self._own], axis=2),
            weights[:, self._first] * weights[:, self._second],
        )
        whole = np.stack([weights @ self.right_pairs, weights @ (self.right_pairs > 0)], axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = points.right.transpose(0, 2, 1) / whole[..., None]
        return shares, points.threshold, bool(points.ended.any())


def sampled(
    tars: Tars, pairs: AllPairs, failed: tuple[np.ndarray, np.ndarray], draws: int, seed: int
) -> tuple[np.ndarray, bool]:
    """Return both TARs at each rate, area and equal error rate in every draw, and if a list ended.

    float64 (draws, 2 * rates + 2).
    """
    rows, ended = [], False
    for block in identity_draws(len(tars.attempts), draws, seed):
        for start in range(0, len(block), tars.block):
            weights = block[start : start + tars.block]
            shares, _, end = tars(weights)
            curves = _curves(weights, pairs, failed)
            areas = np.column_stack([roc.auc(*curves), roc.eer(*curves)])
            rows.append(np.column_stack([shares.reshape(len(shares), -1), areas]))
            ended |= end
    return np.concatenate(rows), ended


def wrong_pairs_of(pictures: np.ndarray) -> np.ndarray:
    """Return how many pairs of pictures show two different people: float64 (...,).

    pictures: (..., people), how many pictures each person has.

    >>> wrong_pairs_of(np.array([2, 1, 1])).item()
    5.0
    """
    pictures = pictures.astype(float)
    return np.asarray((pictures.sum(axis=-1) ** 2 - np.sum(pictures**2, axis=-1)) / 2)


def _curves(
    weights: np.ndarray, pairs: AllPairs, failed: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts of scores in coarse bins in every draw, failed pairs in the lowest bin.

    A pair of two people weighs w_i * w_j = 1 + (w_i - 1) + (w_j - 1) and a product of two
    deviations, which is left out: next to the others it vanishes as people become many.
    """
    right = np.column_stack([failed[0], pairs.right_by_person])
    wrong = np.column_stack([failed[1], pairs.wrong_by_person])
    return weights @ right, np.maximum(weights @ wrong - wrong.sum(axis=0) / 2, 0)
