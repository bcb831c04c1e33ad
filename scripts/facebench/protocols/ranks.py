"""Where the pictures of the same person stand in a search: the base of all searching protocols."""

from typing import NamedTuple, Protocol

import numpy as np

from facebench.protocols.scores import scores as score

#: Scores held at a time, float64: 64 MB.
CELLS = 2**23


class Rows(Protocol):
    """Unit rows, float32 (m, d), in memory or on disk, that give those that are asked for."""

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray:
        """Return some rows, in the order asked for."""
        ...


class Ranks(NamedTuple):
    """What happened to each of n searches. A search that failed has infinite ranks and scores."""

    #: Place of the first picture of the same person, 1 is best; inf if there is none. float64 (n,)
    rank: np.ndarray
    #: Score of the best picture of the same person; -inf if there is none. float64 (n,)
    mate_score: np.ndarray
    #: Score of the best picture of another person; -inf if there is none. float64 (n,)
    other_score: np.ndarray
    #: Which picture of the gallery that is, -1 if there is none. int64 (n,)
    other: np.ndarray
    #: Average precision over all pictures of the same person. float64 (n,)
    precision: np.ndarray

    def spread(self, tried: np.ndarray) -> "Ranks":
        """Return the ranks of all searches, where `tried` (bool) are these and the others failed.

        >>> nothing(1)._replace(rank=np.array([3.0])).spread(np.array([False, True])).rank
        array([inf,  3.])
        """
        full = nothing(len(tried))
        for column, values in zip(full, self, strict=True):
            column[tried] = values
        return full


def nothing(n: int) -> Ranks:
    """Return the ranks of n searches that found nothing."""
    low = np.full(n, -np.inf)
    return Ranks(np.full(n, np.inf), low, low.copy(), np.full(n, -1), np.zeros(n))


def search(
    embeddings: Rows,
    rows: np.ndarray,
    people: np.ndarray,
    probes: np.ndarray,
    gallery: np.ndarray,
) -> Ranks:
    """Search the pictures `probes` among the pictures `gallery`; a picture never finds itself.

    embeddings: float32 (m, d), unit rows. rows: int (n,), each picture's row of `embeddings`, -1
    for a picture that has none. people: int (n,), who it shows. probes, gallery: picture numbers.

    A probe without an embedding finds nobody; a picture of the gallery without one is found by
    nobody, and still counts in the denominator of average precision.
    `Ranks.other` are picture numbers.

    >>> e = np.eye(3, dtype=np.float32)[[0, 0, 1]]
    >>> everyone = np.arange(4)
    >>> search(e, np.array([0, 1, 2, -1]), np.array([7, 7, 8, 8]), everyone, everyone).rank
    array([ 1.,  1., inf, inf])
    """
    usable = gallery[rows[gallery] >= 0]
    place = np.full(len(rows), -1)
    place[usable] = np.arange(len(usable))
    tried = rows[probes] >= 0
    asked = probes[tried]
    wanted = np.bincount(people[gallery], minlength=people.max(initial=0) + 1)
    inside = np.zeros(len(rows), bool)
    inside[gallery] = True
    found = rank(
        embeddings[rows[asked]],
        people[asked],
        embeddings[rows[usable]],
        people[usable],
        itself=place[asked],
        relevant=wanted[people[asked]] - inside[asked],
    )
    other = np.where(found.other >= 0, np.append(usable, -1)[found.other], -1)
    return found._replace(other=other).spread(tried)


def rank(
    probes: np.ndarray,
    probe_people: np.ndarray,
    gallery: np.ndarray,
    gallery_people: np.ndarray,
    itself: np.ndarray | None = None,
    relevant: np.ndarray | None = None,
) -> Ranks:
    """Rank the gallery for every probe by inner product, exactly; equal scores keep their order.

    probes: float32 (n, d); gallery: float32 (g, d); the people: int (n,) and (g,). itself: int
    (n,), the probe's own place in the gallery, -1 if it isn't there. relevant: int (n,), by how
    many pictures average precision is divided; by default those of the same person in the gallery.

    Nothing is sorted by row: a mate's place is one more than the number of others that score
    higher, which needs only the sorted scores.

    >>> gallery = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    >>> found = rank(gallery[:1], np.array([5]), gallery, np.array([3, 5, 5]))
    >>> found.rank, found.precision  # mates second and third of three: (1/2 + 2/3) / 2
    (array([2.]), array([0.58333333]))
    """
    order = np.argsort(gallery_people, kind="stable")
    grouped = gallery_people[order]
    starts = np.searchsorted(grouped, probe_people, side="left")
    ends = np.searchsorted(grouped, probe_people, side="right")
    own = np.full(len(probes), -1) if itself is None else itself
    parts = [nothing(0)]
    step = max(1, CELLS // max(len(gallery), 1))
    for start in range(0, len(probes), step):
        span = slice(start, start + step)
        counts = ends[span] - starts[span]
        row = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        column = order[np.repeat(starts[span], counts) + within]
        mate = column != own[span][row]
        scores = score(probes[span], gallery)
        wanted = (
            relevant[span]
            if relevant is not None
            else np.bincount(row[mate], minlength=len(counts))
        )
        parts.append(_rank_block(scores, row[mate], column[mate], own[span], wanted))
    return Ranks(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _rank_block(
    scores: np.ndarray, row: np.ndarray, column: np.ndarray, own: np.ndarray, wanted: np.ndarray
) -> Ranks:
    """Rank one block of `scores` (overwritten); (row, column) are its mates, sorted by row."""
    n, size = scores.shape
    if not size:
        return nothing(n)
    there = np.flatnonzero(own >= 0)
    mates = scores[row, column]
    scores[there, own[there]] = -np.inf
    scores[row, column] = -np.inf
    best = scores.argmax(axis=1)
    other_score = scores[np.arange(n), best]
    ahead = _ahead(scores, row, column, mates)

    order = np.lexsort((ahead, row))
    row, ahead = row[order], ahead[order]
    nth = 1 + np.arange(len(row)) - np.searchsorted(row, row)
    place = ahead + nth
    first = nth == 1
    found = nothing(n)
    found.rank[row[first]] = place[first]
    np.maximum.at(found.mate_score, row, mates[order])
    hits = np.bincount(row, weights=nth / place, minlength=n)
    precision = np.divide(hits, wanted, out=np.zeros(n), where=wanted > 0)
    other = np.where(other_score > -np.inf, best, -1)
    return found._replace(other_score=other_score, other=other, precision=precision)


def _ahead(
    scores: np.ndarray, row: np.ndarray, column: np.ndarray, mates: np.ndarray
) -> np.ndarray:
    """Return how many of a mate's row come before it: higher scores, or equal ones further left."""
    if len(row) == len(scores) and (row == np.arange(len(row))).all():
        # One mate a row (a name, a gallery of one picture a person): counting is faster.
        ahead = np.count_nonzero(scores > mates[:, None], axis=1)
        tied = np.count_nonzero(scores == mates[:, None], axis=1) > 0
    else:
        ahead, tied = _ahead_of_several(scores, row, mates)
    for j in np.flatnonzero(tied):
        ahead[j] += np.count_nonzero(scores[row[j], : column[j]] == mates[j])
    return ahead


def _ahead_of_several(
    scores: np.ndarray, row: np.ndarray, mates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many of a mate's row score higher than it, and whether any score the same."""
    ordered = np.sort(scores, axis=1)
    starts = np.searchsorted(row, np.arange(len(scores) + 1))
    right = np.empty(len(row), np.int64)
    left = np.empty(len(row), np.int64)
    for i in np.unique(row):
        span = slice(starts[i], starts[i + 1])
        right[span] = np.searchsorted(ordered[i], mates[span], side="right")
        left[span] = np.searchsorted(ordered[i], mates[span], side="left")
    return scores.shape[1] - right, right > left
