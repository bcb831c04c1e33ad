"""The scores of all pairs of pictures, without ever holding all of them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from facebench.protocols.scores import scores as score

#: Scores held at a time, float64: 32 MB.
CELLS = 2**22
#: Fine bins between the lowest and the highest score, for area and equal error rate: ties within
#: one hardly matter.
FINE = 2**16
#: Bins kept for each person, for the intervals of both.
COARSE = 256


class AllPairs(NamedTuple):
    """The scores kept of all pairs of n pictures of p people; a "wrong" pair is of two people."""

    #: Scores of all pairs of one person, and who it is: float64 (r,), int64 (r,).
    right: np.ndarray
    right_person: np.ndarray
    #: The highest scores of pairs of two people, and who they are: float64 (w,), int64 (w, 2).
    wrong: np.ndarray
    wrong_people: np.ndarray
    #: Counts of all scores in ascending fine bins: int64 (FINE,).
    right_counts: np.ndarray
    wrong_counts: np.ndarray
    #: The same for each person's pairs in coarse bins: float64 (p, COARSE). A pair of two people
    #: is in the counts of both.
    right_by_person: np.ndarray
    wrong_by_person: np.ndarray


def all_pairs(embeddings: np.ndarray, people: np.ndarray, n_people: int, tail: int) -> AllPairs:
    """Score all pairs of pictures by inner product; keep at least the `tail` highest wrong ones.

    embeddings: float32 (n, d), unit rows; people: int (n,), numbers below n_people. The work is
    three products of the matrix with itself, done in blocks: for the range of the scores, for their
    counts, and for the highest.
    """
    order = np.argsort(people, kind="stable")
    embeddings, people = np.ascontiguousarray(embeddings[order]), people[order]
    right, right_person = _right(embeddings, people)
    bins_of = Bins.of(embeddings)
    right_counts = np.bincount(bins_of(right), minlength=FINE)
    wrong_counts = np.zeros(FINE, np.int64)
    for _, scores, valid in _wrong_blocks(embeddings, people):
        wrong_counts += np.bincount(bins_of(scores[valid]), minlength=FINE)

    lowest = _edge(wrong_counts, tail)
    coarse = _equal_shares(right_counts, wrong_counts)
    by_person = np.zeros(n_people * COARSE)
    kept = []
    for start, scores, valid in _wrong_blocks(embeddings, people):
        bins = bins_of(scores)
        keep = np.nonzero((bins >= lowest) & valid)
        pair = np.stack([people[start + keep[0]], people[start + keep[1]]], axis=1)
        kept.append((scores[keep], pair))
        bins = coarse[bins]
        for person in (people[start : start + len(scores), None], people[None, start:]):
            by_person += np.bincount((person * COARSE + bins)[valid], minlength=len(by_person))
    wrong = np.concatenate([scores for scores, _ in kept] or [np.zeros(0)])
    wrong_people = np.concatenate([pair for _, pair in kept] or [np.zeros((0, 2), np.int64)])
    cell = right_person * COARSE + coarse[bins_of(right)]
    right_by_person = np.bincount(cell, minlength=n_people * COARSE).astype(float)
    return AllPairs(
        right,
        right_person,
        wrong,
        wrong_people,
        right_counts,
        wrong_counts,
        right_by_person.reshape(n_people, COARSE),
        by_person.reshape(n_people, COARSE),
    )


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
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield (start, scores, valid): pictures from `start` on against all from `start` on.

    `people` is sorted, so that "the second person comes later" takes each pair of two people once.
    """
    step = max(1, CELLS // max(len(people), 1))
    for start in range(0, len(people), step):
        block = slice(start, start + step)
        scores = score(embeddings[block], embeddings[start:])
        yield start, scores, people[None, start:] > people[block, None]


class Bins(NamedTuple):
    """Equal fine bins of scores between the lowest and the highest that occur."""

    low: float
    width: float

    @classmethod
    def of(cls, embeddings: np.ndarray) -> "Bins":
        """Return the bins for all pairs of `embeddings` (n, d)."""
        low, high = np.inf, -np.inf
        step = max(1, CELLS // max(len(embeddings), 1))
        for start in range(0, len(embeddings) - 1, step):
            block = score(embeddings[start : start + step], embeddings[start:])
            np.fill_diagonal(block, block[0, -1])  # a picture with itself is no pair
            low, high = min(low, block.min()), max(high, block.max())
        return cls(float(low), max(float(high - low), 1e-9) / FINE)

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return the bin of each score: int64, below FINE."""
        bins = (scores - self.low) / self.width
        return np.clip(bins, 0, FINE - 1).astype(np.int64)


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
