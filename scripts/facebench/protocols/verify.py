"""Are these two pictures of one person? Asked of all pairs: TAR at fixed FAR, area, equal error."""

from typing import NamedTuple

import numpy as np

from facebench.protocols import roc
from facebench.protocols.pairs import AllPairs, all_pairs
from facebench.protocols.ranks import Rows
from facebench.protocols.thresholds import Curve
from facebench.stats.intervals import identity_draws

#: How much longer the kept list of wrong pairs is than the largest rate needs: a draw that doubles
#: the right people has more of them at the top.
SPARE = 1.5


class Verified(NamedTuple):
    """Shares of all attempted pairs, and the same in every bootstrap draw over people."""

    #: TAR at each rate; the mean over people of each one's own TAR: float64 (rates,)
    tar: np.ndarray
    tar_person: np.ndarray
    threshold: np.ndarray
    auc: float
    eer: float
    #: The columns are TAR at each rate, mean TAR of people at each rate, area, equal error rate:
    #: float64 (draws, 2 * rates + 2)
    draws: np.ndarray
    #: Attempted pairs of one person: int64 (people,); pairs of two: a count.
    right_pairs: np.ndarray
    wrong_pairs: float
    #: Accepted pairs of one person, false accepts that involve the person, at each rate:
    #: int64 (people, rates)
    right_accepted: np.ndarray
    wrong_accepted: np.ndarray


def sample(pictures: int, most: int, seed: int) -> np.ndarray:
    """Return the picture numbers to use, ascending: all, or a random `most` of them.

    >>> sample(3, most=10, seed=0), len(sample(100, most=10, seed=0))
    (array([0, 1, 2]), 10)
    """
    if pictures <= most:
        return np.arange(pictures)
    return np.sort(np.random.default_rng(seed).choice(pictures, most, replace=False))


def verify(
    embeddings: Rows,
    rows: np.ndarray,
    people: np.ndarray,
    n_people: int,
    rates: np.ndarray,
    draws: int,
    seed: int,
) -> Verified:
    """Decide all pairs of pictures; a pair with a picture that has no embedding is "different".

    embeddings: float32 (m, d), unit rows; rows: int (n,), each picture's row, -1 for none; people:
    int (n,), numbers below n_people; rates: the FARs. Both rates are shares of the attempted pairs.
    Without a pair of one person, what depends on them is NaN.

    >>> e = np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]
    >>> who = np.array([0, 0, 1, 1])
    >>> found = verify(e, np.arange(4), who, 2, np.array([0.25]), draws=10, seed=0)
    >>> found.tar, found.auc, found.right_accepted.tolist()
    (array([0.5]), 0.75, [[1], [0]])
    """
    usable = rows >= 0
    attempts = np.bincount(people, minlength=n_people)
    attempted_right = attempts * (attempts - 1) // 2
    attempted_wrong = _wrong_pairs(attempts)
    tail = int(np.ceil(SPARE * np.max(rates, initial=0) * attempted_wrong)) + 1000
    pairs = all_pairs(embeddings[rows[usable]], people[usable], n_people, tail)
    failed = _failed(attempts, np.bincount(people[usable], minlength=n_people))

    curve = Curve(pairs.right, pairs.wrong)
    who = pairs.right_person[curve.right_order]
    own = 1 / attempted_right[who]
    first, second = np.ascontiguousarray(pairs.wrong_people[curve.wrong_order].T)
    has_pairs = attempted_right > 0

    def tar(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (2, rates) TARs and the thresholds, with these weights of people."""
        right = weights.take(who).astype(float)
        points = curve.at(
            rates, _wrong_pairs(weights * attempts), np.stack([right, right * own], 1),
            weights.take(first) * weights.take(second),
        )  # fmt: skip
        whole = np.array([weights @ attempted_right, weights @ has_pairs])
        with np.errstate(invalid="ignore", divide="ignore"):
            return (points.right / whole).T, points.threshold

    sampled = []
    for weights in identity_draws(n_people, draws, seed):
        curves = _curves(weights, pairs, failed)
        shares = np.stack([tar(row)[0].ravel() for row in weights])
        sampled.append(np.column_stack([shares, roc.auc(*curves), roc.eer(*curves)]))

    (shares, shares_person), threshold = tar(np.ones(n_people, np.float32))
    whole = (
        np.concatenate([[failed[0].sum()], pairs.right_counts]),
        np.concatenate([[failed[1].sum() / 2], pairs.wrong_counts]),
    )
    accepted = _accepted(pairs, threshold, n_people)
    return Verified(
        shares, shares_person, threshold, float(roc.auc(*whole)), float(roc.eer(*whole)),
        np.concatenate(sampled), attempted_right, attempted_wrong, *accepted,
    )  # fmt: skip


def _wrong_pairs(pictures: np.ndarray) -> float:
    """Return how many pairs of pictures show two different people.

    pictures: int (people,), how many pictures each person has.

    >>> _wrong_pairs(np.array([2, 1, 1]))
    5.0
    """
    pictures = pictures.astype(float)
    return float((pictures.sum() ** 2 - np.sum(pictures**2)) / 2)


def _failed(attempts: np.ndarray, usable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's pairs, of one and of two people, in which a picture failed."""

    def right(pictures: np.ndarray) -> np.ndarray:
        return pictures * (pictures - 1) // 2

    def wrong(pictures: np.ndarray) -> np.ndarray:
        return pictures * (pictures.sum() - pictures)

    return right(attempts) - right(usable), wrong(attempts) - wrong(usable)


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


def _accepted(
    pairs: AllPairs, threshold: np.ndarray, n_people: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many accepted pairs of one, and of two people, each person has at each rate."""
    right = [
        np.bincount(pairs.right_person[pairs.right >= least], minlength=n_people)
        for least in threshold
    ]
    wrong = [
        np.bincount(pairs.wrong_people[pairs.wrong >= least].ravel(), minlength=n_people)
        for least in threshold
    ]
    return np.array(right).T, np.array(wrong).T
