"""Closed-set identification: the rank at which a person's own picture comes back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facebench.evaluation import Numbers, load, write_results
from facebench.logs import log_to, report_result
from facebench.outcomes import add_ranks, search_outcomes
from facebench.protocols.identify import split
from facebench.protocols.ranks import search


def main(
    faces: str,
    embeddings: str,
    metadata: str,
    enrolled: int,
    distractors: bool,
    ranks: Sequence[int],
    where: Mapping[str, str],
    statistics: Mapping[str, Any],
    outputs: Sequence[str],
) -> None:
    """Search all pictures that aren't enrolled; write metrics and outcomes to `outputs`."""
    pictures = load(faces, embeddings, metadata)
    gallery, probes = split(pictures.people, enrolled, distractors, statistics["seed"])
    found = search(pictures.embeddings, pictures.rows, pictures.people, probes, gallery)
    outcomes = search_outcomes(pictures, probes, *found[:4])
    outcomes["precision"] = found.precision
    outcomes["correct"] = found.rank <= 1
    used = np.union1d(gallery, probes)
    numbers = Numbers(
        protocol="identify",
        where=where,
        n_identities=outcomes["identity"].nunique(),
        n_images=len(used),
        n_failed=int(pictures.failed[used].sum()),
    )
    nobody = f"Nobody has more than {enrolled} pictures, so nobody can be searched for."
    add_ranks(numbers, outcomes, ranks, statistics, nobody)
    parameters = {
        "gallery": enrolled,
        "gallery_images": len(gallery),
        "distractors": distractors,
        "statistics": dict(statistics),
        "compared": {"metric": "rank", "at": "1"},
    }
    write_results(numbers, outcomes, pictures.record, parameters, outputs)
    first = [row["value"] for row in numbers.rows if (row["metric"], row["at"]) == ("rank", "1")]
    if np.isfinite(first).any():
        report_result(f"rank-1 {100 * first[0]:.1f} %, {len(outcomes):,} searches")


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.faces,
        snakemake.input.embeddings,
        snakemake.input.metadata,
        snakemake.params.gallery,
        snakemake.params.distractors,
        snakemake.params.ranks,
        dict(snakemake.wildcards),
        snakemake.params.statistics,
        [snakemake.output.metrics, snakemake.output.outcomes],
    )
