"""Searching an index: the nearest rows, with exact scores, equal ones in the order of the rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from facebench.vectors.stored import StoredVectors

#: Numbers held at a time where scores are made anew, float32: 64 MB.
CELLS = 2**24


@dataclass(frozen=True)
class Index:
    """An index that is open, and the vectors that it was made of.

    searcher: see `facebench.indexes.kinds.Kind`. rerank: how many more rows than asked for are
    found and compared again, exactly; None where the searcher's own scores are exact.
    """

    searcher: Any
    vectors: StoredVectors
    rerank: int | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.searcher.ntotal)


def nearest(index: Index, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the k nearest rows of the index: scores, float32 (n, k), and rows, int64 (n, k).

    Best first, equal scores in the order of the rows. An index with fewer rows than k gives them
    all: the results are (n, min(k, rows)). A search for which an index finds too few rows, or can't
    tell which of several equal ones come first, is done again among all.

    >>> e = np.array([[0, 1], [1, 0], [1, 0], [1, 0]], np.float32)
    >>> nearest(exact_index(StoredVectors.of(e)), e[:2], 2)[1]
    array([[0, 1],
           [1, 2]])
    """
    k = min(k, len(index))
    if not k or not len(queries):
        return np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
    queries = np.ascontiguousarray(queries, np.float32)
    more = 1 if index.rerank is None else index.rerank
    scores, rows = index.searcher.search(queries, min(k + more, len(index)))
    if index.rerank is not None:
        scores = compared_again(index.vectors, queries, rows)
    order = np.lexsort((rows, -scores), axis=1)
    # Too few were found; or several share the last place, of which an index keeps any.
    last, worst = np.take_along_axis(scores, order[:, [k - 1, -1]], 1).T
    unsure = np.isneginf(last) | ((last == worst) & (scores.shape[1] > k))
    order = order[:, :k]
    scores, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)
    step = max(1, CELLS // len(index))
    for start in range(0, int(unsure.sum()), step):
        some = np.flatnonzero(unsure)[start : start + step]
        parts = index.vectors.parts
        exact = np.concatenate([queries[some] @ np.asarray(p, np.float32).T for p in parts], axis=1)
        rows[some] = np.argsort(-exact, axis=1, kind="stable")[:, :k]
        scores[some] = np.take_along_axis(exact, rows[some], 1)
    return scores, rows


def compared_again(vectors: StoredVectors, queries: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the exact scores of the rows found for each query: float32 (n, k), -inf for row -1."""
    scores = np.full(rows.shape, -np.inf, np.float32)
    step = max(1, CELLS // (rows.shape[1] * queries.shape[1]))
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        found = vectors[np.maximum(some, 0).ravel()].reshape(*some.shape, -1)
        exact = np.einsum("nd,nkd->nk", queries[start : start + step], found)
        scores[start : start + step] = np.where(some >= 0, exact, -np.inf)
    return scores


def exact_index(vectors: StoredVectors) -> Index:
    """Return an exact index in memory, which is written nowhere."""
    from facebench.indexes.faiss_files import blocks, learnt

    index = learnt(vectors, "Flat", 0)
    for rows in blocks(vectors, 0, len(vectors)):
        index.add(rows)
    return Index(index, vectors)


def without(
    scores: np.ndarray, rows: np.ndarray, itself: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lists of `nearest` without the row that is the query `itself`, one shorter.

    >>> without(np.array([[1.0, 0.5], [1.0, 1.0]]), np.array([[0, 2], [0, 1]]), np.array([0, 1]))
    (array([[0.5],
           [1. ]]), array([[2],
           [0]]))
    """
    if not rows.size:
        return scores, rows
    keep = rows != itself[:, None]
    keep[keep.all(axis=1), -1] = False
    shape = (len(rows), rows.shape[1] - 1)
    return scores[keep].reshape(shape), rows[keep].reshape(shape)
