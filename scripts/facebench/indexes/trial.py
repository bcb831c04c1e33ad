"""Trying a kind of index on vectors: time to make it, bytes, what it finds and how fast."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from facebench.indexes import stored
from facebench.indexes.faiss_files import load_faiss, set_probes
from facebench.indexes.kinds import INDEXES
from facebench.indexes.search import Index, nearest
from facebench.vectors.stored import StoredVectors


class Found(NamedTuple):
    """All searches at one setting.

    probes: 0 for an index that has none to set. rows: int64 (n, k), best first. speed: searches a
    second on one thread, and on all.
    """

    probes: int
    rows: np.ndarray
    speed: tuple[float, float]


class Trial(NamedTuple):
    """An index that was made: in how many seconds, how many bytes a vector, and what it found."""

    recipe: str
    seconds: float
    bytes: float
    found: list[Found]


def trial(
    vectors: StoredVectors,
    spec: Mapping[str, Any],
    queries: np.ndarray,
    *,
    k: int,
    probes: Sequence[int],
    folder: Path,
) -> Trial:
    """Make an index in a folder below `folder`, search it at all settings, and remove it.

    spec: as the section `index`. queries: float32 (n, d).
    """
    with TemporaryDirectory(dir=folder) as place:
        start = time.perf_counter()
        made = stored.make(vectors, Path(place) / "index.json", spec)
        seconds = time.perf_counter() - start
        files = [Path(place) / one for one in INDEXES[spec["kind"]].files]
        size = sum(path.stat().st_size for path in files) / len(vectors)
        index = stored.read(Path(place) / "index.json", vectors)
        settings = probes if made.get("probes") is not None else [0]
        found = list(searched(index, queries, k, settings))
    return Trial(str(made["recipe"]), seconds, size, found)


def searched(index: Index, queries: np.ndarray, k: int, settings: Sequence[int]) -> Iterator[Found]:
    """Yield what is found with each number of probes.

    The searches whose rows are kept also bring mapped files into memory; only later ones are timed.
    """
    faiss = load_faiss()
    most = faiss.omp_get_max_threads()
    for probes in settings:
        if probes:
            set_probes(index.searcher, probes)
        rows = nearest(index, queries, k)[1]
        yield Found(probes, rows, (speed(index, queries, k, 1), speed(index, queries, k, most)))


def speed(index: Index, queries: np.ndarray, k: int, threads: int) -> float:
    """Return searches a second on so many threads."""
    faiss = load_faiss()
    most = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        start = time.perf_counter()
        nearest(index, queries, k)
        return len(queries) / (time.perf_counter() - start)
    finally:
        faiss.omp_set_num_threads(most)
