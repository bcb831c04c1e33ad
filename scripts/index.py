"""Build the indices of a data set's vectors under one model: one for each crop."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facebench.logs import LOG, log_to, report_result
from facebench.store.atomic import replacing
from facebench.texts import counted
from facebench.vectors.index import build, write_index
from facebench.vectors.stored import StoredVectors


def main(
    *,
    embeddings: Sequence[Sequence[str | Path]],
    spec: Mapping[str, Any],
    outputs: Sequence[str | Path],
) -> None:
    """Write an index of each set of vectors, given as the files of its parts.

    spec: the section `index` of the configuration.
    """
    total = 0
    for parts, output in zip(embeddings, outputs, strict=True):
        index = build(StoredVectors(parts), **spec)
        with replacing(output) as part:
            write_index(index, part)
        LOG.info("%s: %s vectors of %s numbers", output, f"{index.ntotal:,}", index.d)
        total += index.ntotal
    report_result(counted(total, "vector"))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    count = snakemake.params.parts
    files = list(snakemake.input.embeddings)
    main(
        embeddings=[files[start : start + count] for start in range(0, len(files), count)],
        spec=snakemake.params.spec,
        outputs=snakemake.output,
    )
