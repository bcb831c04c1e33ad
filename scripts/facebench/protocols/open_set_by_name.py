"""Open set by name: half of the people's names are candidates, and strangers should get none."""

import numpy as np

from facebench.protocols.confidence import called
from facebench.protocols.open_set import Searches, halves


def searches_by_name(
    vectors: np.ndarray,
    rows: np.ndarray,
    people: np.ndarray,
    texts: np.ndarray,
    wrong: np.ndarray,
    scale: float,
    halvings: int,
    seed: int,
) -> Searches:
    """Name every picture among the names of each half of the people, with the wrong names.

    vectors: float32 (m, d); rows: int (n,), each picture's, -1 for one that could not be used;
    people: int (n,), who it shows: numbers in `texts`. texts: float32 (people, d), everybody's
    name; wrong: float32 (w, d); all unit rows. A search for a stranger, whose name isn't among the
    candidates, is without a mate. Scores are confidences, as of `facebench.protocols.confidence`;
    `other` is a place in `texts`, or, from its end on, in `wrong`.
    """
    n_people, parts = len(texts), []
    usable = np.flatnonzero(rows >= 0)
    for number in range(halvings):
        half = halves(people, n_people, [seed, number] if number else seed, enrolled=0)
        for side in (0, 1):
            known = np.flatnonzero(half == side)
            place = np.full(n_people, -1)
            place[known] = np.arange(len(known))
            found = called(
                vectors[rows[usable]],
                np.concatenate([texts[known], wrong]),
                place[people[usable]],
                scale,
            )
            n = len(people)
            rank, low = np.full(n, np.inf), np.full(n, -np.inf)
            true, other, whom = low, low.copy(), np.full(n, -1)
            rank[usable], true[usable] = found.rank, found.true
            other[usable] = found.other_confidence
            whole = np.concatenate([known, n_people + np.arange(len(wrong))])
            whom[usable] = whole[found.other]
            where = (np.full(n, number), np.full(n, side))
            parts.append((np.arange(n), *where, half[people] == side, rank, true, other, whom))
    return Searches(*(np.concatenate(column) for column in zip(*parts, strict=True)))
