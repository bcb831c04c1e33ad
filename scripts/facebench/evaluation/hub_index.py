"""Hubs behind an approximate index, which doesn't look at every entry."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from facebench.indexes import stored
from facebench.indexes.search import nearest
from facebench.vectors.stored import StoredVectors


def reached_through(
    spec: Mapping[str, Any],
    entries: np.ndarray,
    made: np.ndarray,
    searches: np.ndarray,
    places: Sequence[int],
) -> dict[int, np.ndarray]:
    """Return which searches have an added entry among the first k of an index: k -> bool (n,).

    spec: as the section `index`. entries: float32 (g, d); made: float32 (m, d), added after these;
    searches: float32 (n, d).
    """
    vectors = StoredVectors.of(np.concatenate([entries, made]).astype(np.float32))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "index.json"
        stored.make(vectors, path, spec)
        rows = nearest(stored.read(path, vectors), searches, max(places))[1]
    added = rows >= len(entries)
    return {k: added[:, :k].max(axis=1) for k in places}


def called(spec: Mapping[str, Any]) -> str:
    """Return what an index is called in the results.

    >>> called({"kind": "ivf-pq", "probes": 4, "rerank": 100}), called({"kind": "flat"})
    ('ivf-pq 4', 'flat')
    """
    return " ".join(str(spec[key]) for key in ("kind", "recipe", "probes") if key in spec)
