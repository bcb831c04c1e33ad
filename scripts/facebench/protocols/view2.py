"""LFW's View 2 (Huang et al. 2007): listed pairs in folds, threshold from the other folds."""

from typing import NamedTuple

import numpy as np

from facebench.protocols import roc
from facebench.stats.intervals import identity_draws


class View2(NamedTuple):
    """The decisions on n pairs in f folds."""

    #: Was the decision right: bool (n,)
    correct: np.ndarray
    #: Accuracy and threshold of each fold, in ascending order of the folds: float64 (f,)
    accuracies: np.ndarray
    thresholds: np.ndarray

    @property
    def accuracy(self) -> float:
        """The mean of the folds' accuracies."""
        return float(self.accuracies.mean())

    @property
    def standard_error(self) -> float:
        """The standard error of that mean: standard deviation (divisor f - 1) over sqrt(f)."""
        return float(self.accuracies.std(ddof=1) / np.sqrt(len(self.accuracies)))


def view2(scores: np.ndarray, same: np.ndarray, fold: np.ndarray) -> View2:
    """Decide each fold's pairs with the threshold that is best on all other folds.

    scores: float (n,), -inf for a pair with a picture that could not be used, which is decided
    "different"; same: bool (n,); fold: int (n,), at least two different ones.

    >>> scores = np.array([0.9, 0.2, 0.8, 0.1, 0.3, 0.4])
    >>> same = np.array([True, False] * 3)
    >>> found = view2(scores, same, np.array([1, 1, 2, 2, 3, 3]))
    >>> found.accuracies, found.thresholds
    (array([0.5, 1. , 0.5]), array([0.2 , 0.25, 0.5 ]))
    """
    folds = np.unique(fold)
    correct = np.zeros(len(scores), bool)
    accuracies, thresholds = [], []
    for held_out in folds:
        test = fold == held_out
        threshold = best_threshold(scores[~test], same[~test])
        correct[test] = (scores[test] >= threshold) == same[test]
        accuracies.append(correct[test].mean())
        thresholds.append(threshold)
    return View2(correct, np.array(accuracies), np.array(thresholds))


def best_threshold(scores: np.ndarray, same: np.ndarray) -> float:
    """Return the threshold with the highest accuracy: pairs at or above it are "same".

    Only thresholds halfway between neighbouring scores, and beyond both ends, can differ in what
    they decide. Of several that are equally accurate, the middle one is taken (the lower middle
    of an even number).

    >>> best_threshold(np.array([0.9, 0.7, 0.5, 0.1]), np.array([True, True, False, False]))
    0.6
    >>> best_threshold(np.array([0.5, 0.5]), np.array([False, False]))
    inf
    """
    finite = np.isfinite(scores)
    values, index = np.unique(scores[finite].astype(float), return_inverse=True)
    gain = np.bincount(index, np.where(same[finite], 1, -1), minlength=len(values))
    # Cut j accepts the values from j on: right decisions, less a constant.
    right = np.concatenate([np.cumsum(gain[::-1])[::-1], [0]])
    best = np.flatnonzero(right == right.max())
    edges = np.concatenate([[-np.inf], values, [np.inf]])
    cut = int(best[(len(best) - 1) // 2])
    if not len(values):
        return float("inf")
    # The lowest cut accepts every score there is, but still no pair that failed.
    return float(values[0]) if cut == 0 else float(edges[cut : cut + 2].mean())


def curve_draws(
    scores: np.ndarray,
    same: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    people: int,
    draws: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return area and equal error rate of the listed pairs in every draw of people: (draws,) each.

    first, second: int (n,), whose pictures they are. A pair of one person weighs as often as the
    person was drawn, w_i; a pair of two w_i * w_j, which makes the intervals of short lists too
    wide rather than too narrow.
    """
    areas, errors = [], []
    for weights in identity_draws(people, draws, seed, cells=2**22 * people // max(len(scores), 1)):
        pair = weights[:, first] * np.where(same, 1, weights[:, second])
        counts = histograms(scores, same, pair)
        areas.append(roc.auc(*counts))
        errors.append(roc.eer(*counts))
    return np.concatenate(areas), np.concatenate(errors)


def histograms(
    scores: np.ndarray, same: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights (..., n) of pairs of one and of two people, a bin for each score.

    >>> histograms(np.array([0.5, 0.1, 0.5]), np.array([True, False, False]), np.ones(3))
    (array([0., 1.]), array([1., 1.]))
    """
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    kinds = (same[order], ~same[order])
    right, wrong = (np.add.reduceat(weights[..., order] * kind, starts, axis=-1) for kind in kinds)
    return right, wrong
