"""Build the indices of a data set's vectors under one model: one for each crop."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facebench.indexes.stored import make
from facebench.logs import LOG, log_to, report_result
from facebench.texts import counted
from facebench.vectors.stored import StoredVectors


def main(
    *,
    embeddings: Sequence[Sequence[str | Path]],
    spec: Mapping[str, Any],
    outputs: Sequence[str | Path],
) -> None:
    """Write an index of each set of vectors, given as the files of its parts.

    spec: the section `index` of the configuration. outputs: the files that describe the indices.
    """
    total = 0
    for parts, output in zip(embeddings, outputs, strict=True):
        made = make(StoredVectors(parts), output, spec)
        LOG.info("%s: %s vectors of %s numbers", output, f"{made['rows']:,}", made["numbers"])
        total += made["rows"]
    report_result(counted(total, "vector"))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    count = snakemake.params.parts
    files = list(snakemake.input.embeddings)
    main(
        embeddings=[files[start : start + count] for start in range(0, len(files), count)],
        spec=snakemake.params.spec,
        outputs=[path for path in snakemake.output if path.endswith(".json")],
    )
