"""Approximate search, `ivf-pq` with its re-rank, against the index that autofaiss would pick."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.speed import study, vectors
from tools.speed.section import Best, Case, Parts, Row, Section, rate

GOAL = 5
#: With less, the nearest row is of the right person in nearly every search among a million, and
#: which picture of theirs it is no code of a row can tell.
NOISE = 1.1
PROBES = (1, 2, 4, 8, 16, 32, 64, 128)
RERANKS = (10, 30, 100)
#: Recalls that differ by less are equal: a few searches of a thousand.
EQUAL = 0.005

NOTE = """
Searches a second on all cores, by the clock, for the nearest of rows in clusters (people with some
pictures each, people in groups), with pictures of the same people that are not in the index. Recall
is the share whose first row is that of an exact search. Plain is an IVF with PQ codes of 8 bits, as
autofaiss picks one for this much memory (codes of as many bytes as `ivf-pq`'s, as many lists), and
no re-rank; autofaiss itself also rotates the rows and finds lists by a graph. Its highest recall,
with the fewest probes that reach it, is compared with the fastest setting of `ivf-pq` that finds as
much: numbers of probes and of rows that are compared again. The second row is the other way round:
the recall of both at the speed of the first one's plain index.
"""


def made(*, people: int, each: int, dim: int, searches: int) -> tuple[Any, Any, Any]:
    """Return rows, others to search with, and the nearest row of each by an exact search."""
    from facebench.indexes.faiss_files import load_faiss

    faiss = load_faiss()
    # The last pictures of some people are searched with.
    groups = max(people // 100, 1)
    every = vectors.clustered(people=people, each=each + 1, dim=dim, groups=groups, noise=NOISE)
    every = every.reshape(people, each + 1, dim)
    rows, queries = every[:, :each].reshape(-1, dim), every[:: people // searches, each][:searches]
    rows, queries = rows.copy(), queries.copy()
    return rows, queries, faiss.knn(queries, rows, 1, faiss.METRIC_INNER_PRODUCT)[1][:, 0]


def recipe_of(rows: int, dim: int, sample: int) -> str:
    """Return a recipe of PQ codes of 8 bits with the lists and bytes of `ivf-pq`.

    >>> recipe_of(10**6, 512, 2**18)
    'IVF2048,PQ64x8'
    """
    from facebench.indexes.faiss_files import filled

    lists = filled("IVF{lists}", rows, dim, sample)
    pieces = int(filled("{pieces}", rows, dim, sample))
    return f"{lists},PQ{max(pieces // 2, 1)}x8"


def options(rows: int) -> tuple[dict[str, Any], int]:
    """Return the section `index` of `ivf-pq` with its defaults, and how many rows it learns of."""
    known = study.defaults()["indices"]["indexes"]
    spec = next(one for one in known if one["kind"] == "ivf-pq")
    return spec, min(spec["sample"], rows)


def autofaiss(*, people: int, each: int, dim: int, searches: int) -> Parts:
    """Return searches without re-rank, by number of probes."""
    from facebench.indexes.faiss_files import learnt, set_probes
    from facebench.vectors.stored import StoredVectors

    rows, queries, truth = made(people=people, each=each, dim=dim, searches=searches)
    _, sample = options(len(rows))
    index = learnt(StoredVectors.of(rows), recipe_of(len(rows), dim, sample), sample)
    index.add(rows)

    def search(probes: int) -> dict[str, Any]:
        set_probes(index, probes)
        found = index.search(queries, 1)[1][:, 0]
        return {"searches": len(queries), "recall": float((found == truth).mean())}

    return {f"{probes} probes": lambda probes=probes: search(probes) for probes in PROBES}  # type: ignore[misc]


def facebench(*, people: int, each: int, dim: int, searches: int) -> Parts:
    """Return searches by number of probes and of rows that are compared again."""
    from dataclasses import replace

    from facebench.indexes import stored
    from facebench.indexes.faiss_files import load_faiss, set_probes
    from facebench.indexes.search import nearest
    from facebench.vectors.stored import StoredVectors

    rows, queries, truth = made(people=people, each=each, dim=dim, searches=searches)
    spec, _ = options(len(rows))
    place = tempfile.TemporaryDirectory()
    path = Path(place.name) / "index.json"
    held = StoredVectors.of(rows)
    stored.make(held, path, spec)
    index = stored.read(path, held)
    load_faiss().omp_set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

    def search(probes: int, rerank: int) -> dict[str, Any]:
        set_probes(index.searcher, probes)
        found = nearest(replace(index, rerank=rerank), queries, 1)[1][:, 0]
        recall = float((found == truth).mean())
        return {"searches": len(queries), "recall": recall, "at": place.name}

    return {
        f"{probes} probes, {rerank} again": lambda p=probes, r=rerank: search(p, r)  # type: ignore[misc]
        for probes in PROBES
        for rerank in RERANKS
    }


def rows(best: Best, case: Case) -> Iterator[Row]:
    """Yield speeds at equal recall, and recalls at equal speed."""
    settings: dict[str, list[tuple[float, float]]] = {"autofaiss": [], "facebench": []}
    for (side, _), spent in best.items():
        settings[side].append((spent.said["recall"], rate(spent, "searches")))
    most = max(recall for recall, _ in settings["autofaiss"])
    theirs = max(
        (one for one in settings["autofaiss"] if one[0] >= most - EQUAL), key=lambda one: one[1]
    )
    enough = [speed for recall, speed in settings["facebench"] if recall >= theirs[0] - EQUAL]
    size = f"{case['people'] * case['each']:,} rows of {case['dim']}"
    ours = max(enough, default=0.0)
    what = f"{size}: searches/s at recall {theirs[0]:.3f}"
    yield Row(what, theirs[1], ours, ours / theirs[1], GOAL)
    found = max(
        (recall for recall, speed in settings["facebench"] if speed >= theirs[1]), default=0
    )
    what = f"{size}: recall at {theirs[1]:,.0f} searches/s or more"
    yield Row(what, theirs[0], found, found / max(theirs[0], 1e-9))


SECTION = Section(
    title="Approximate search",
    note=NOTE,
    cases={
        "usual": [{"people": 100_000, "each": 10, "dim": 512, "searches": 2000}],
        "smallest": [{"people": 500, "each": 20, "dim": 32, "searches": 50}],
    },
    sides={"autofaiss": autofaiss, "facebench": facebench},
    rows=rows,
    other="autofaiss' pick",
)
