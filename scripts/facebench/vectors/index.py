"""The index of a model's vectors: building, storing and searching it."""

from pathlib import Path
from typing import Any

import numpy as np

from facebench.store.damage import undamaged
from facebench.vectors.index_kinds import INDEXES, load_faiss
from facebench.vectors.stored import StoredVectors

#: Scores held at a time where equal scores have to be put in order, float32: 64 MB.
CELLS = 2**24


def build(vectors: "StoredVectors | np.ndarray", kind: str = "flat", **options: Any) -> Any:
    """Return an index of unit rows (n, d), float32, of one of the kinds in `INDEXES`."""
    stored = vectors if isinstance(vectors, StoredVectors) else StoredVectors.of(vectors)
    return INDEXES[kind](stored, **options)


def write_index(index: Any, path: str | Path) -> None:
    """Write an index to `path`."""
    load_faiss().write_index(index, str(path))


def read_index(path: str | Path) -> Any:
    """Return the index at `path`, mapped into memory. Raises `UserError` for a damaged one."""
    faiss = load_faiss()
    with undamaged(path):
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)


def nearest(index: Any, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the k nearest rows of the index: scores, float32 (n, k), and rows, int64 (n, k).

    Best first, equal scores in the order of the rows. An index with fewer rows than k gives them
    all: the results are (n, min(k, rows)).

    >>> e = np.array([[0, 1], [1, 0], [1, 0], [1, 0]], np.float32)
    >>> nearest(build(e), e[:2], 2)[1]
    array([[0, 1],
           [1, 2]])
    """
    k = min(k, index.ntotal)
    if not k or not len(queries):
        return np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
    queries = np.ascontiguousarray(queries, np.float32)
    scores, rows = index.search(queries, min(k + 1, index.ntotal))
    order = np.lexsort((rows, -scores), axis=1)[:, :k]
    # faiss keeps any of several rows that share the last place.
    tied = scores[:, k - 1] == scores[:, -1] if scores.shape[1] > k else np.zeros(0, bool)
    scores, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)
    unsure = np.flatnonzero(tied)
    step = max(1, CELLS // index.ntotal)
    everything = index.reconstruct_n(0, index.ntotal).T if len(unsure) else None
    for start in range(0, len(unsure), step):
        some = unsure[start : start + step]
        exact = queries[some] @ everything
        rows[some] = np.argsort(-exact, axis=1, kind="stable")[:, :k]
        scores[some] = np.take_along_axis(exact, rows[some], 1)
    return scores, rows


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
