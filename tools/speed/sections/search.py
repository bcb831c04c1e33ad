"""Exact search in the index `flat`, against one matrix product of the same size."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.speed import networks, vectors
from tools.speed.section import Best, Case, Parts, Row, Section, rate

GOAL = 0.85
NEAREST = 10

NOTE = f"""
The {NEAREST} nearest of all rows for every search, as `facebench.indexes` finds them in an index of
the kind `flat`, with the exact order of equal scores, against the product of the two float32
matrices alone. On one core by processor time, on all cores by the clock.
"""


def product(*, rows: int, dim: int, searches: int) -> Parts:
    """Return the matrix product."""
    import torch

    multiply = networks.product(rows=searches, inner=dim, columns=rows)

    def on(threads: int) -> dict[str, Any]:
        torch.set_num_threads(threads)
        return {"gflop": multiply()}

    return {"one core": lambda: on(1), "all cores": lambda: on(int(os.environ["OMP_NUM_THREADS"]))}


def facebench(*, rows: int, dim: int, searches: int) -> Parts:
    """Return the search."""
    from facebench.indexes import stored
    from facebench.indexes.faiss_files import load_faiss
    from facebench.indexes.search import nearest
    from facebench.vectors.stored import StoredVectors

    faiss = load_faiss()
    made = vectors.clustered(people=rows // 4 + 1, each=4, dim=dim, groups=50)[:rows]
    queries, of = made[:searches] + 0, StoredVectors.of(made)
    place = tempfile.TemporaryDirectory()
    path = Path(place.name) / "index.json"
    stored.make(of, path, {"kind": "flat"})
    index = stored.read(path, of)

    def on(threads: int) -> dict[str, Any]:
        faiss.omp_set_num_threads(threads)
        nearest(index, queries, NEAREST)
        return {"gflop": 2 * searches * rows * dim / 1e9, "at": place.name}

    return {"one core": lambda: on(1), "all cores": lambda: on(int(os.environ["OMP_NUM_THREADS"]))}


def rows(best: Best, case: Case) -> Iterator[Row]:
    """Yield a row for one core and one for all."""
    for part, clock in (("one core", "cpu"), ("all cores", "wall")):
        other, ours = (
            rate(best[side, part], "gflop", clock) for side in ("matrix product", "facebench")
        )
        what = (
            f"{case['searches']:,} searches among {case['rows']:,} rows of {case['dim']},"
            f" GFLOP/s on {part}"
        )
        yield Row(what, other, ours, ours / other, GOAL)


SECTION = Section(
    title="Exact search",
    note=NOTE,
    cases={
        "usual": [{"rows": 13_233, "dim": 512, "searches": 13_233}],
        "smallest": [{"rows": 300, "dim": 32, "searches": 40}],
    },
    sides={"matrix product": product, "facebench": facebench},
    rows=rows,
    other="matrix product",
)
