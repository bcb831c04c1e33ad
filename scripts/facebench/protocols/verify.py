"""Are these two pictures of one person? Asked of all pairs: TAR at fixed FAR, area, equal error."""

from typing import NamedTuple

import numpy as np

from facebench.protocols import roc
from facebench.protocols.pair_draws import Tars, sampled
from facebench.protocols.pair_people import (
    accepted,
    accepted_at_eer,
    failed_pairs,
    mistaken,
    placements,
)
from facebench.protocols.pairs import all_pairs, wrong_pairs_of
from facebench.protocols.ranks import Rows

#: How much longer the kept list of wrong pairs is than the largest rate needs: a draw that doubles
#: the right people has more of them at the top. Where a draw needs still more, it grows again.
SPARE = 1.5
#: The most accepted pairs of two people that are listed.
MOST_LISTED = 10**6


class Verified(NamedTuple):
    """Shares of all attempted pairs, and the same in every bootstrap draw over people."""

    #: TAR at each rate; the mean over people of each one's own TAR: float64 (rates,)
    tar: np.ndarray
    tar_person: np.ndarray
    #: TAR where each picture compared with itself is a pair of one person, too: float64 (rates,)
    tar_with_itself: np.ndarray
    threshold: np.ndarray
    auc: float
    eer: float
    #: The columns are each of `SHARES` at each rate, area, equal error rate:
    #: float64 (draws, 3 * rates + 2)
    draws: np.ndarray
    #: The threshold at each rate in the same draws: float64 (draws, rates)
    threshold_draws: np.ndarray
    #: Attempted pairs of one person: int64 (people,); pairs of two: a count.
    right_pairs: np.ndarray
    wrong_pairs: float
    #: Accepted pairs of one person, false accepts that involve the person, at each rate:
    #: int64 (people, rates)
    right_accepted: np.ndarray
    wrong_accepted: np.ndarray
    #: Pictures that are accepted as themselves, at each rate: int64 (people, rates); attempts:
    #: int64 (people,)
    itself_accepted: np.ndarray
    pictures: np.ndarray
    #: For whom each person is taken, at each rate; None where these are too many pairs to list.
    taken_for: list[list[np.ndarray] | None]
    #: Sum, and sum of squares, over each person's pairs of the share of wrong pairs that score
    #: lower, ties half: float64 (people, 2). The area is its mean.
    placements: np.ndarray
    #: Each person's accepted pairs at the threshold of the equal error rate: float64 (people,)
    right_at_eer: np.ndarray


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
    attempted_wrong = float(wrong_pairs_of(attempts))
    failed = failed_pairs(attempts, np.bincount(people[usable], minlength=n_people))
    tail = int(np.ceil(SPARE * np.max(rates, initial=0) * attempted_wrong)) + 1000
    while True:
        pairs = all_pairs(embeddings[rows[usable]], people[usable], n_people, tail)
        tars = Tars(pairs, rates, attempts)
        samples, thresholds, ended = sampled(tars, pairs, failed, draws, seed)
        if not ended or tail >= attempted_wrong:
            break
        tail *= 2
    shares, threshold, _ = tars(np.ones((1, n_people), np.float32))
    whole = (
        np.concatenate([[failed[0].sum()], pairs.right_counts]),
        np.concatenate([[failed[1].sum() / 2], pairs.wrong_counts]),
    )
    right, wrong, itself = accepted(pairs, threshold[0], n_people)
    return Verified(
        tar=shares[0, 0],
        tar_person=shares[0, 1],
        tar_with_itself=shares[0, 2],
        threshold=threshold[0],
        auc=float(roc.auc(*whole)),
        eer=float(roc.eer(*whole)),
        draws=samples,
        threshold_draws=thresholds,
        right_pairs=tars.right_pairs,
        wrong_pairs=attempted_wrong,
        right_accepted=right,
        wrong_accepted=wrong,
        itself_accepted=itself,
        pictures=attempts,
        taken_for=[
            mistaken(pairs, least, n_people) if wrong[:, i].sum() <= 2 * MOST_LISTED else None
            for i, least in enumerate(threshold[0])
        ],
        placements=placements(pairs, failed),
        right_at_eer=accepted_at_eer(pairs, failed),
    )
