"""Leave-one-out nearest neighbour: is the picture most like this one of the same person?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from facebench.logs import LOG, log_to
from facebench.protocols.evaluation import Numbers, Pictures, load, write_results
from facebench.protocols.neighbour import probes as choose_probes
from facebench.protocols.outcomes import add_ranks, search_outcomes
from facebench.protocols.ranks import search
from facebench.vectors.index import nearest, read_index, without


def main(
    faces: str,
    embeddings: str,
    metadata: str,
    index: str,
    ranks: Sequence[int],
    most_probes: int,
    listed: int,
    where: Mapping[str, str],
    statistics: Mapping[str, Any],
    outputs: Sequence[str],
) -> None:
    """Search at most `most_probes` pictures among all others; write metrics and outcomes.

    The outcomes hold, from the index, the `listed` nearest pictures of each.
    """
    pictures = load(faces, embeddings, metadata)
    probes = choose_probes(pictures.people, most_probes, statistics["seed"])
    everyone = np.arange(len(pictures.people))
    found = search(pictures.embeddings, pictures.rows, pictures.people, probes, everyone)
    outcomes = search_outcomes(pictures, probes, *found[:4])
    outcomes["precision"] = found.precision
    outcomes["correct"] = found.rank <= 1
    numbers = Numbers(
        protocol="neighbour",
        where=where,
        n_identities=outcomes["identity"].nunique(),
        n_images=len(everyone),
        n_failed=int(pictures.failed.sum()),
    )
    LOG.info("%s pictures searched among %s", f"{len(probes):,}", f"{len(everyone):,}")
    nobody = "Nobody has two pictures, so nobody can be searched for."
    add_ranks(numbers, outcomes, ranks, statistics, nobody)
    parameters = {
        "probes": len(probes),
        "statistics": dict(statistics),
        "compared": {"metric": "rank", "at": "1"},
    }
    neighbours, scores = lists(pictures, probes, read_index(index), listed)
    table = pa.Table.from_pandas(outcomes, preserve_index=False)
    table = table.append_column("neighbours", neighbours).append_column("scores", scores)
    write_results(numbers, table, pictures.record, parameters, outputs)


def lists(
    pictures: Pictures, probes: np.ndarray, index: Any, listed: int
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


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.faces,
        snakemake.input.embeddings,
        snakemake.input.metadata,
        snakemake.input.index,
        snakemake.params.ranks,
        snakemake.params.probes,
        snakemake.params.listed,
        dict(snakemake.wildcards),
        snakemake.params.statistics,
        [snakemake.output.metrics, snakemake.output.outcomes],
    )
