"""Where a person's own pictures stand in a search, when only these change between experiments."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from facebench.protocols.poison.scores import Vectors, cosines, exact, own_cosines, rounded

#: Numbers held at a time: 64 MB of float64.
CELLS = 2**23


class Found(NamedTuple):
    """The results of p searches. One that failed has the rank inf and the score -inf."""

    #: Place of the first picture of the person, 1 is best: float64 (p,).
    rank: np.ndarray
    #: Score of the person's best picture: float32 (p,).
    mate: np.ndarray
    #: Score of the best picture of somebody else: float32 (p,), the same in all experiments.
    other: np.ndarray


def search(
    vectors: np.ndarray,
    people: np.ndarray,
    gallery: np.ndarray,
    probes: np.ndarray,
    probe_rows: np.ndarray,
    other_rows: np.ndarray,
    own_rows: Sequence[np.ndarray],
) -> list[Found]:
    """Search the pictures `probes` among `gallery`, once for each of `own_rows`.

    vectors: float32 (m, d), unit rows. people: int (n,), who the pictures show. gallery, probes:
    numbers of pictures, ascending, none in both. Row of each picture in `vectors`, int (n,), -1 for
    none: probe_rows as a probe, other_rows in the gallery of others, each of own_rows in the
    gallery of the searched person. Of equal scores the earlier picture comes first; scores are
    compared in full (`facebench.protocols.poison.scores`), and returned as float32. Those of
    everybody else are computed once; an experiment adds its person's few scores and a count.

    >>> v = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]], np.float32)
    >>> people, rows = np.array([0, 0, 1]), np.array([0, 1, 2])
    >>> cloaked = np.array([0, 3, 2])
    >>> a, b = search(v, people, np.array([1, 2]), np.array([0]), rows, rows, [rows, cloaked])
    >>> a.rank, b.rank, b.mate, b.other
    (array([1.]), array([2.]), array([0.], dtype=float32), array([0.6], dtype=float32))
    """
    mates = own_pictures(people, gallery, probes)
    usable = gallery[other_rows[gallery] >= 0]
    others, whose = exact(vectors[other_rows[usable]]), people[usable]
    shape = (len(own_rows), len(probes))
    ranks = np.full(shape, np.inf)
    scores = np.full(shape, -np.inf, np.float32)
    best = np.full(len(probes), -np.inf, np.float32)
    tried = np.flatnonzero(probe_rows[probes] >= 0)
    width = max(len(usable), mates.shape[1] * vectors.shape[1], 1)
    for start in range(0, len(tried), max(1, CELLS // width)):
        some = tried[start : start + max(1, CELLS // width)]
        asked = exact(vectors[probe_rows[probes[some]]])
        table = cosines(asked.whole, others)
        table[people[probes[some], None] == whose] = -np.inf
        best[some] = table.max(axis=1, initial=-np.inf)
        for i, rows in enumerate(own_rows):
            mate, place = _best(vectors, asked, mates[some], rows)
            ahead = np.count_nonzero(table > mate[:, None], axis=1)
            for j in np.flatnonzero((table == mate[:, None]).any(axis=1) & np.isfinite(mate)):
                ahead[j] += np.count_nonzero((table[j] == mate[j]) & (usable < place[j]))
            scores[i, some] = mate
            ranks[i, some] = np.where(np.isfinite(mate), 1.0 + ahead, np.inf)
    return [Found(rank, mate, best) for rank, mate in zip(ranks, scores, strict=True)]


def own_pictures(people: np.ndarray, gallery: np.ndarray, probes: np.ndarray) -> np.ndarray:
    """Return each probe's pictures of the same person in the gallery, int64 (p, most), -1 at ends.

    >>> own_pictures(np.array([0, 0, 0, 1, 1]), np.array([0, 1, 3]), np.array([2, 4]))
    array([[ 0,  1],
           [ 3, -1]])
    """
    order = gallery[np.argsort(people[gallery], kind="stable")]
    sorted_people = people[order]
    start = np.searchsorted(sorted_people, people[probes], side="left")
    many = np.searchsorted(sorted_people, people[probes], side="right") - start
    place = np.arange(many.max(initial=0))
    inside = place < many[:, None]
    return np.where(inside, order[np.minimum(start[:, None] + place, len(order) - 1)], -1)


def _best(
    vectors: np.ndarray, asked: Vectors, mates: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the score of each search's best own picture, -inf without one, and its number."""
    if not mates.shape[1]:
        return np.full(len(mates), -np.inf), np.full(len(mates), -1)
    numbers, where = np.unique(mates, return_inverse=True)
    where = where.reshape(mates.shape)
    usable = (numbers >= 0) & (rows[numbers] >= 0)
    known = rounded(np.asarray(vectors[np.where(usable, rows[numbers], 0)], float))
    scores = own_cosines(asked, known[where])
    scores[~usable[where]] = -np.inf
    first = scores.argmax(axis=1)
    return scores.max(axis=1), np.take_along_axis(mates, first[:, None], axis=1)[:, 0]
