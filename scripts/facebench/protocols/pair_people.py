"""What each person's pairs contribute to the shares of all pairs."""

import numpy as np

from facebench.protocols import roc
from facebench.protocols.pairs import AllPairs


def failed_pairs(attempts: np.ndarray, usable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's pairs, of one and of two people, in which a picture failed.

    attempts, usable: int (people,), each person's pictures, and those with an embedding.

    >>> failed_pairs(np.array([2, 1]), np.array([1, 1]))
    (array([1, 0]), array([1, 1]))
    """

    def right(pictures: np.ndarray) -> np.ndarray:
        return pictures * (pictures - 1) // 2

    def wrong(pictures: np.ndarray) -> np.ndarray:
        return pictures * (pictures.sum() - pictures)

    return right(attempts) - right(usable), wrong(attempts) - wrong(usable)


def accepted(
    pairs: AllPairs, threshold: np.ndarray, n_people: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each person's accepted pairs of one person, of two, and pictures with themselves.

    int64 (people, rates) each. A pair of two people counts for both.
    """
    kinds = (
        (pairs.right, pairs.right_person),
        (pairs.wrong, pairs.wrong_people),
        (pairs.itself, pairs.itself_person),
    )
    right, wrong, itself = (
        np.array([np.bincount(who[scores >= t].ravel(), minlength=n_people) for t in threshold]).T
        for scores, who in kinds
    )
    return right, wrong, itself


def mistaken(pairs: AllPairs, least: float, n_people: int) -> list[np.ndarray]:
    """Return for whom each person is taken where a score of `least` is accepted: int32 (w,) each.

    A pair of pictures is once in the list, with the person of the lower number.

    >>> from facebench.protocols.pairs import all_pairs
    >>> e = np.eye(3, dtype=np.float32)[[0, 1, 0, 0]]
    >>> mistaken(all_pairs(e, np.array([0, 0, 1, 2]), 3, tail=9), 0.5, 3)
    [array([1, 2], dtype=int32), array([2], dtype=int32), array([], dtype=int32)]
    """
    who = np.sort(pairs.wrong_people[pairs.wrong >= least], axis=1).astype(np.int32)
    who = who[np.lexsort(who.T[::-1])]
    return np.split(who[:, 1], np.searchsorted(who[:, 0], np.arange(1, n_people)))


def placements(pairs: AllPairs, failed: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return `Verified.placements`, float64 (people, 2); a failed pair scores lowest.

    The mean over all pairs of one person is the area under the curve (DeLong, DeLong and
    Clarke-Pearson, "Comparing the areas under two or more correlated ROC curves", 1988).
    """
    wrong = np.concatenate([[failed[1].sum()], pairs.wrong_by_person.sum(axis=0)])
    share = (np.cumsum(wrong) - wrong / 2) / max(wrong.sum(), 1)
    right = np.column_stack([failed[0], pairs.right_by_person])
    return np.stack([right @ share, right @ share**2], axis=1)


def accepted_at_eer(pairs: AllPairs, failed: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return each person's accepted pairs where false accepts come nearest to false rejects."""
    right = np.concatenate([[failed[0].sum()], pairs.right_by_person.sum(axis=0)])
    wrong = np.concatenate([[failed[1].sum()], pairs.wrong_by_person.sum(axis=0)])
    false, true = roc.rates(right, wrong)
    with np.errstate(invalid="ignore"):
        apart = np.abs(false + true - 1)
    bins = int(np.argmin(np.where(np.isnan(apart), np.inf, apart)))
    most = pairs.right_by_person.shape[1]
    return pairs.right_by_person[:, max(most - bins, 0) :].sum(axis=1)
