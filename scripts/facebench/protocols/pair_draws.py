"""The shares of accepted pairs in every draw over people."""

import numpy as np

from facebench.protocols import roc
from facebench.protocols.pair_weights import RightPairs, WrongPairs
from facebench.protocols.pairs import AllPairs, wrong_pairs_of
from facebench.stats.intervals import identity_draws

#: Shares of pairs at each rate: of all pairs of one person; the mean over people of each one's own;
#: of all these pairs and each picture with itself.
SHARES = ("tar", "tar_person", "tar_with_itself")


class Tars:
    """The SHARES of accepted pairs at each rate, with any weights of people."""

    def __init__(self, pairs: AllPairs, rates: np.ndarray, attempts: np.ndarray) -> None:
        self.rates, self.attempts = rates, attempts
        #: Attempted pairs of one person: int64 (people,)
        self.right_pairs = attempts * (attempts - 1) // 2
        people = len(attempts)
        self._wrong = WrongPairs(pairs.wrong, pairs.wrong_people, people)
        # With itself: a square matrix of scores has each pair twice, and its diagonal once.
        own = 1 / np.maximum(self.right_pairs[pairs.right_person], 1)
        of_two = np.column_stack([np.ones(len(own)), own, np.full(len(own), 2.0)])
        of_one = np.tile([0.0, 0.0, 1.0], (len(pairs.itself), 1))
        self._right = RightPairs(
            np.concatenate([pairs.right, pairs.itself]),
            np.concatenate([pairs.right_person, pairs.itself_person]),
            np.concatenate([of_two, of_one]),
            people,
        )
        #: Trials of each person in each of SHARES: int64 (people, 3)
        self.trials = np.column_stack(
            [self.right_pairs, self.right_pairs > 0, 2 * self.right_pairs + attempts]
        )

    def __call__(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
        """Return the shares (draws, 3, rates), thresholds (draws, rates), and if the list ended.

        weights: float32 (draws, people). A pair of two people weighs as often as the product of
        theirs. The list of wrong pairs has ended if a rate would have let more of them pass.
        """
        # Rates are decimal fractions: 0.29 of 100 is 29, despite binary rounding.
        allowed = np.outer(wrong_pairs_of(weights * self.attempts), self.rates) * (1 + 1e-9)
        points = self._wrong(weights, allowed)
        right = self._right(weights, points.threshold)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = right.transpose(0, 2, 1) / (weights @ self.trials)[..., None]
        return shares, points.threshold, bool(points.ended.any())


def sampled(
    tars: Tars, pairs: AllPairs, failed: tuple[np.ndarray, np.ndarray], draws: int, seed: int
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return what every draw finds, its thresholds, and if a list ended in one.

    SHARES at each rate, area and equal error rate: float64 (draws, 3 * rates + 2); thresholds:
    float64 (draws, rates).
    """
    rows, thresholds, ended = [], [], False
    for weights in identity_draws(len(tars.attempts), draws, seed):
        shares, threshold, end = tars(weights)
        curves = _curves(weights, pairs, failed)
        areas = np.column_stack([roc.auc(*curves), roc.eer(*curves)])
        rows.append(np.column_stack([shares.reshape(len(shares), -1), areas]))
        thresholds.append(threshold)
        ended |= end
    return np.concatenate(rows), np.concatenate(thresholds), ended


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
