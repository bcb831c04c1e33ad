"""The scores of all pairs of pictures, without ever holding all of them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from facebench.protocols.scores import scores as score
from facebench.protocols.scores import with_itself

#: Pictures on each side of a block: 2 MB of scores, so that they stay near the processor.
SIDE = 2**9
#: Pictures whose pairs are looked at beforehand: 2 million pairs.
LOOKED_AT = 2**11
#: How much more is kept than they say.
SPARE = 1.25
#: Fine bins between the lowest and the highest known score, for area and equal error rate: ties
#: within one hardly matter.
FINE = 2**16
#: Bins kept for each person, for the intervals of both.
COARSE = 256


class AllPairs(NamedTuple):
    """The scores kept of all pairs of n pictures of p people; a "wrong" pair is of two people."""

    #: Scores of all pairs of one person, and who it is: float64 (r,), int64 (r,).
    right: np.ndarray
    right_person: np.ndarray
    #: Scores of each picture with itself, and who it is: float64 (n,), int64 (n,).
    itself: np.ndarray
    itself_person: np.ndarray
    #: The highest scores of pairs of two people, and who they are: float64 (w,), int32 (w, 2).
    wrong: np.ndarray
    wrong_people: np.ndarray
    #: Counts of all scores in ascending fine bins: int64 (FINE,).
    right_counts: np.ndarray
    wrong_counts: np.ndarray
    #: The same for each person's pairs in coarse bins: float64 (p, COARSE). A pair of two people
    #: is in the counts of both.
    right_by_person: np.ndarray
    wrong_by_person: np.ndarray


def wrong_pairs_of(pictures: np.ndarray) -> np.ndarray:
    """Return how many pairs of pictures show two different people: float64 (...,).

    pictures: (..., people), how many pictures each person has.

    >>> wrong_pairs_of(np.array([2, 1, 1])).item()
    5.0
    """
    pictures = pictures.astype(float)
    return np.asarray((pictures.sum(axis=-1) ** 2 - np.sum(pictures**2, axis=-1)) / 2)


def all_pairs(embeddings: np.ndarray, people: np.ndarray, n_people: int, tail: int) -> AllPairs:
    """Score all pairs of pictures by inner product; keep at least the `tail` highest wrong ones.

    embeddings: float32 (n, d), unit rows; people: int (n,), numbers below n_people. The work is
    one product of the matrix with itself, done in blocks. The pairs of some pictures say
    beforehand how to divide the scores and from where on to keep them; where that was too high,
    the product is made a second time.
    """
    order = np.argsort(people, kind="stable")
    embeddings, people = np.ascontiguousarray(embeddings[order]), people[order]
    right, right_person = _right(embeddings, people)
    share = tail / max(float(wrong_pairs_of(np.bincount(people))), 1.0)
    bins_of, coarse, lowest = _looked_at(embeddings, people, right, share)
    while True:
        counts, by_person, kept = _counted(embeddings, people, n_people, (bins_of, coarse, lowest))
        edge = _edge(counts, tail)
        if edge >= lowest:
            break
        lowest = edge
    wrong = np.concatenate([scores for scores, _ in kept] or [np.zeros(0)])
    pairs = np.concatenate([pair for _, pair in kept] or [np.zeros((0, 2), np.int32)])
    enough = bins_of(wrong) >= edge
    right_bins = bins_of(right)
    cell = right_person * COARSE + coarse[right_bins]
    right_by_person = np.bincount(cell, minlength=n_people * COARSE).astype(float)
    return AllPairs(
        right,
        right_person,
        with_itself(embeddings),
        people,
        wrong[enough],
        pairs[enough],
        np.bincount(right_bins, minlength=FINE),
        counts,
        right_by_person.reshape(n_people, COARSE),
        by_person.astype(float),
    )


def _looked_at(
    embeddings: np.ndarray, people: np.ndarray, right: np.ndarray, share: float
) -> tuple["Bins", np.ndarray, int]:
    """Return how scores are divided, the coarse bin of each fine one, and the lowest bin to keep.

    `share` of the wrong pairs are to be kept. Judged by all right pairs and the wrong ones of at
    most LOOKED_AT pictures: of no more pictures, these are all.
    """
    some = np.arange(len(people))
    if len(some) > LOOKED_AT:
        some = np.sort(np.random.default_rng(0).choice(len(some), LOOKED_AT, replace=False))
    blocks = _wrong_blocks(embeddings[some], people[some])
    wrong = np.concatenate([np.zeros(0), *(_flat(scores, valid) for _, _, scores, valid in blocks)])
    bins_of = Bins.of(right, wrong)
    wrong_counts = np.bincount(bins_of(wrong), minlength=FINE)
    coarse = _equal_shares(np.bincount(bins_of(right), minlength=FINE), wrong_counts)
    more = SPARE if len(some) < len(people) else 1.0
    return bins_of, coarse, _edge(wrong_counts, int(np.ceil(share * more * len(wrong))))


def _counted(
    embeddings: np.ndarray,
    people: np.ndarray,
    n_people: int,
    divided: tuple["Bins", np.ndarray, int],
) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the wrong pairs' counts in fine bins, and each person's in coarse ones.

    int64 (FINE,), int64 (people, COARSE). And from the lowest bin on, or a little below, the
    scores, float64 (w,), and their people, int32 (w, 2).
    """
    bins_of, coarse, lowest = divided
    least = bins_of.low + (lowest - 1) * bins_of.width if lowest else -np.inf
    counts = np.zeros(FINE, np.int64)
    by_person = np.zeros(n_people * COARSE, np.int64)
    kept = []
    for rows, columns, scores, valid in _wrong_blocks(embeddings, people):
        first, second = people[rows], people[columns]
        keep = scores >= least if valid is None else (scores >= least) & valid
        places = np.flatnonzero(keep)
        row, column = np.divmod(places, scores.shape[1])
        pair = np.stack([first[row], second[column]], axis=1).astype(np.int32)
        kept.append((scores.ravel()[places], pair))
        bins = bins_of(scores)
        counts += np.bincount(_flat(bins, valid), minlength=FINE)
        cells = coarse[bins]
        for who in (first[:, None], second[None]):
            # Sorted people: only those of the block are counted.
            start = int(who[0, 0])
            found = np.bincount(_flat(cells + (who - start) * COARSE, valid))
            part = by_person[start * COARSE :]
            part[: len(found)] += found
    return counts, by_person.reshape(n_people, COARSE), kept


def _right(embeddings: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores of all pairs of one person, and the person; `people` is sorted."""
    numbers, starts, counts = np.unique(people, return_index=True, return_counts=True)
    scores, who = [np.zeros(0)], [np.zeros(0, np.int64)]
    for person, start, count in zip(numbers, starts, counts, strict=True):
        if count > 1:
            own = embeddings[start : start + count]
            scores.append(score(own, own)[np.triu_indices(count, 1)])
            who.append(np.full(len(scores[-1]), person))
    return np.concatenate(scores), np.concatenate(who)


def _wrong_blocks(
    embeddings: np.ndarray, people: np.ndarray
) -> Iterator[tuple[slice, slice, np.ndarray, np.ndarray | None]]:
    """Yield (rows, columns, scores, valid) of blocks that hold each pair of two people once.

    `people` is sorted, so that the second person of a pair comes later. valid: bool, like scores;
    None where all are pairs of two people, as in most blocks that aren't on the diagonal.
    """
    parts = [slice(start, start + SIDE) for start in range(0, len(people), SIDE)]
    for i, rows in enumerate(parts):
        for columns in parts[i:]:
            apart = people[rows][-1] < people[columns.start]
            valid = None if apart else people[None, columns] > people[rows, None]
            yield rows, columns, score(embeddings[rows], embeddings[columns]), valid


def _flat(values: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
    """Return the valid values, or all of them: (n,)."""
    return values.ravel() if valid is None else values[valid]


class Bins(NamedTuple):
    """Equal fine bins of scores; what lies outside is in the first or in the last."""

    low: float
    width: float

    @classmethod
    def of(cls, *scores: np.ndarray) -> "Bins":
        """Return the bins between the lowest and the highest of some scores."""
        known = [part for part in scores if len(part)] or [np.zeros(1)]
        low, high = min(part.min() for part in known), max(part.max() for part in known)
        return cls(float(low), max(float(high - low), 1e-9) / FINE)

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return the bin of each score: int64, below FINE."""
        bins = scores - self.low
        bins *= 1 / self.width
        return np.clip(bins, 0, FINE - 1, out=bins).astype(np.int64)


def _edge(counts: np.ndarray, tail: int) -> int:
    """Return the highest bin with at least `tail` scores in it and above."""
    above = np.cumsum(counts[::-1])[::-1]
    return max(int(np.count_nonzero(above >= tail)) - 1, 0)


def _equal_shares(right_counts: np.ndarray, wrong_counts: np.ndarray) -> np.ndarray:
    """Return the coarse bin of each fine bin: each holds a like share of both kinds of pairs."""
    share = np.zeros(FINE)
    for counts in (right_counts, wrong_counts):
        share += np.cumsum(counts) / max(counts.sum(), 1) / 2
    return np.minimum((share * COARSE).astype(np.int64), COARSE - 1)
