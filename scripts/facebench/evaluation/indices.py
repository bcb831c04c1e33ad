"""What kinds of index find of what an exact search finds, how fast, and in how many bytes."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from facebench.evaluation.index_trials import Searched, add_exact, add_kind
from facebench.evaluation.pictures import Pictures
from facebench.evaluation.task import Result, Task
from facebench.indexes.faiss_files import BLOCK, load_faiss
from facebench.indexes.trial import Trial, trial
from facebench.logs import LOG, Progress
from facebench.protocols.poison.split import split
from facebench.vectors import simulated
from facebench.vectors.stored import StoredVectors

#: Nearest rows that are compared with those of an exact search.
NEAREST = 10
NOBODY = "Nobody has two usable pictures: one for the index, and one to search with."
ALONE = (
    "Strangers are simulated from people who aren't searched for, and there is only one person:"
    " set indices.strangers to 0."
)
#: Where vectors and indices are kept while they are tried.
WORK = Path("work/indices")


def indices(task: Task) -> Result:
    """Make each kind of index of half of everybody's pictures, and search it with the others.

    With simulated strangers half of the people are searched for: the strangers are made from the
    others, or else each would be a double of somebody who is searched for. Pictures that have no
    vector are searches that find nobody; what an index finds of an exact search is counted over the
    rest.
    """
    pictures, options, statistics = task.pictures, task.options, task.statistics
    indexed, searched, others = halves(pictures, options, statistics["seed"])
    numbers = task.numbers(
        "indices",
        identities=int(np.unique(pictures.people[searched]).size),
        images=len(indexed) + len(searched),
        failed=int(pictures.failed.sum()),
    )
    outcomes = pictures.labels.iloc[searched][["image_id", "identity"]].reset_index(drop=True)
    parameters: dict[str, Any] = {
        "options": dict(options), "statistics": dict(statistics), "indexed": len(indexed),
    }  # fmt: skip
    usable = pictures.rows[searched] >= 0
    if not len(indexed) or not usable.any():
        numbers.refuse("rank1", NOBODY, at="exact")
        return Result(numbers, outcomes, parameters, pictures.record)
    if options["strangers"] and not len(others):
        numbers.refuse("rank1", ALONE, at="exact")
        return Result(numbers, outcomes, parameters, pictures.record)
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as folder:
        vectors = written(task, indexed, others, Path(folder) / "vectors.npy")
        queries = pictures.embeddings[pictures.rows[searched[usable]]]
        owner = np.append(pictures.people[indexed], np.full(options["strangers"], -1))
        done = Searched(pictures.people[searched], usable, owner, exact(vectors, queries, NEAREST))
        outcomes["found by exact"] = add_exact(numbers, done, statistics)
        parameters["recipes"] = {}
        for spec in options["indexes"]:
            found = trials(vectors, spec, queries, options, Path(folder))
            outcomes[f"found by {name(spec)}"] = add_kind(
                numbers, name(spec), done, found, statistics
            )
            parameters["recipes"][name(spec)] = found[0].recipe
    return Result(numbers, outcomes, parameters, pictures.record)


def halves(
    pictures: Pictures, options: Mapping[str, Any], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the numbers of pictures in the index, usable ones, and of those to search with.

    And of one picture in the index of each of the people who aren't searched for: half of them,
    drawn at random, where there are `strangers` to be simulated. Only people who are in the index
    are searched for; of more than `queries` searches, a random choice.
    """
    random = np.random.default_rng(seed)
    parts = split(pictures.people, 0.5, seed)
    indexed = parts.gallery[pictures.rows[parts.gallery] >= 0]
    people, first = np.unique(pictures.people[indexed], return_index=True)
    apart = random.permutation(len(people))[: len(people) // 2 if options["strangers"] else 0]
    wanted = np.delete(people, apart)
    searched = parts.probes[np.isin(pictures.people[parts.probes], wanted)]
    if len(searched) > options["queries"]:
        searched = np.sort(random.choice(searched, options["queries"], replace=False))
    return indexed, searched, indexed[first[np.sort(apart)]]


def written(task: Task, indexed: np.ndarray, others: np.ndarray, path: Path) -> StoredVectors:
    """Write the vectors of the index as 16-bit numbers, simulated strangers last; return them.

    others: pictures of the people from whom the strangers are made.
    """
    pictures, strangers = task.pictures, task.options["strangers"]
    seed = task.statistics["seed"]
    rows = pictures.rows[indexed]
    shape = (len(rows) + strangers, pictures.embeddings.shape[1])
    file = np.lib.format.open_memmap(path, "w+", np.float16, shape)
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]
        file[start : start + len(some)] = pictures.embeddings[some]
    if strangers:
        model = simulated.fitted(pictures.embeddings[pictures.rows[others]], seed)
        LOG.info("%s simulated strangers join the index", f"{strangers:,}")
        progress = Progress(strangers, "simulated strangers")
        start = len(rows)
        for block in simulated.blocks(model, -(-strangers // BLOCK), BLOCK, seed):
            file[start : start + BLOCK] = block[: shape[0] - start]
            progress.step(min(BLOCK, shape[0] - start))
            start += BLOCK
    file.flush()
    return StoredVectors([path])


def exact(vectors: StoredVectors, queries: np.ndarray, k: int) -> np.ndarray:
    """Return the k nearest rows of each query, best first: int64 (n, min(k, rows)).

    Every vector is compared, a block at a time; equal scores in the order of the rows.
    """
    faiss = load_faiss()
    scores = np.empty((len(queries), 0), np.float32)
    rows = np.empty((len(queries), 0), np.int64)
    progress = Progress(len(vectors), "vectors compared")
    for start in range(0, len(vectors), BLOCK):
        block = vectors[np.arange(start, min(start + BLOCK, len(vectors)))]
        near = faiss.knn(queries, block, min(k, len(block)), faiss.METRIC_INNER_PRODUCT)
        scores = np.concatenate([scores, near[0]], axis=1)
        rows = np.concatenate([rows, near[1] + start], axis=1)
        order = np.lexsort((rows, -scores), axis=1)[:, :k]
        scores, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)
        progress.step(len(block))
    return rows


def trials(
    vectors: StoredVectors,
    spec: Mapping[str, Any],
    queries: np.ndarray,
    options: Mapping[str, Any],
    folder: Path,
) -> list[Trial]:
    """Return several trials of a kind, each of an index of its own: some differ every time."""
    found = []
    for _ in range(options["builds"]):
        one = trial(vectors, spec, queries, k=NEAREST, probes=options["probes"], folder=folder)
        LOG.info("%s: made in %.1f s, %.0f bytes a vector", name(spec), one.seconds, one.bytes)
        found.append(one)
    return found


def name(spec: Mapping[str, Any]) -> str:
    """Return what an index is called in the results: its kind, and a recipe that was given."""
    return " ".join(str(spec[key]) for key in ("kind", "recipe") if key in spec)
