"""Save every face of a variant again, as a service or a user would."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from facebench.logs import Progress, log_to
from facebench.pictures.reencodings import REENCODINGS
from facebench.store.faces import decode, encode, iter_rows, write_faces
from facebench.store.records import extend, library_versions
from facebench.store.tables import read_record
from facebench.vectors.embedding_loop import ahead


def main(
    faces: str | Path,
    reencoding: str,
    spec: Mapping[str, Any],
    threads: int,
    output: str | Path,
) -> None:
    """Write the rows of `faces` with the same columns, each picture saved again; all as PNG."""
    facts = {"name": reencoding, **spec, "libraries": library_versions("pillow", "numpy")}
    record = extend(read_record(faces), "reencode", **facts)
    progress = Progress(pq.read_metadata(faces).num_rows, "pictures")
    rows = ahead(iter_rows(faces), partial(saved_again, spec=spec), threads)
    schema = pq.read_schema(faces).remove_metadata()
    write_faces(progress.over(rows), output, record, schema)


def saved_again(row: dict[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a face with its picture saved again; as it is where there is none."""
    if row["image"] is None:
        return row
    options = {key: value for key, value in spec.items() if key != "kind"}
    pixels = REENCODINGS[spec["kind"]](decode(row["image"]), **options)
    return {**row, "image": encode(np.ascontiguousarray(pixels))}


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.faces,
        snakemake.wildcards.reencoding,
        snakemake.params.spec,
        snakemake.threads,
        snakemake.output[0],
    )
