"""Leave-one-out nearest neighbour: is the picture most like this one of the same person?"""

from typing import Any

import numpy as np
import pyarrow as pa

from facebench.evaluation.outcomes import add_ranks, search_outcomes
from facebench.evaluation.pictures import Pictures
from facebench.evaluation.task import Result, Task
from facebench.indexes import stored
from facebench.indexes.search import Index, nearest, without
from facebench.logs import LOG
from facebench.protocols.neighbour import probes as choose_probes
from facebench.protocols.ranks import search


def neighbour(task: Task) -> Result:
    """Search at most `probes` pictures among all others.

    The outcomes hold, from the index, the `listed` nearest pictures of each.
    """
    pictures, statistics = task.pictures, task.statistics
    probes = choose_probes(pictures.people, task.options["probes"], statistics["seed"])
    everyone = np.arange(len(pictures.people))
    found = search(pictures.embeddings, pictures.rows, pictures.people, probes, everyone)
    outcomes = search_outcomes(pictures, probes, found)
    outcomes["precision"] = found.precision
    outcomes["correct"] = found.rank <= 1
    numbers = task.numbers(
        "neighbour",
        identities=outcomes["identity"].nunique(),
        images=len(everyone),
        failed=int(pictures.failed.sum()),
    )
    LOG.info("%s pictures searched among %s", f"{len(probes):,}", f"{len(everyone):,}")
    nobody = "Nobody has two pictures, so nobody can be searched for."
    add_ranks(numbers, outcomes, task.options["ranks"], statistics, nobody)
    parameters = {
        "probes": len(probes),
        "statistics": dict(statistics),
        "compared": {"metric": "rank", "at": "1"},
    }
    index = stored.read(task.files["index"], pictures.embeddings)
    neighbours, scores = lists(pictures, probes, index, task.options["listed"])
    table = pa.Table.from_pandas(outcomes, preserve_index=False)
    table = table.append_column("neighbours", neighbours).append_column("scores", scores)
    return Result(numbers, table, parameters, pictures.record)


def lists(
    pictures: Pictures, probes: np.ndarray, index: Index, listed: int
) -> tuple[pa.Array, pa.Array]:
    """Return the image ids and the scores of each probe's nearest pictures, best first.

    Lists of strings and of float32; null for a picture that has no embedding.
    """
    rows = pictures.rows[probes]
    tried = np.flatnonzero(rows >= 0)
    scores, found = nearest(index, pictures.embeddings[rows[tried]], listed + 1)
    scores, found = without(scores, found, rows[tried])
    ids = pictures.ids.to_numpy(object)
    names: list[Any] = [None] * len(probes)
    values: list[Any] = [None] * len(probes)
    for i, row, score in zip(tried, found, scores, strict=True):
        names[i], values[i] = ids[row], score
    return pa.array(names, pa.list_(pa.string())), pa.array(values, pa.list_(pa.float32()))
