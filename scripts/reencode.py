"""Save every face of some variants again, as a service or a user would."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from facebench.logs import LOG, Progress, log_to, report_result
from facebench.pictures.reencodings import REENCODINGS
from facebench.store.faces import decode, encode, iter_rows, write_faces
from facebench.store.keys import key_of, read_content, read_key
from facebench.store.records import code_version, extend, library_versions
from facebench.store.tables import count_rows, read_record, read_schema
from facebench.texts import counted
from facebench.threads import ahead


def main(
    *,
    faces: Sequence[str | Path],
    reencodings: Sequence[str],
    specs: Mapping[str, Mapping[str, Any]],
    code: str,
    threads: int,
    outputs: Sequence[str | Path],
) -> None:
    """Write each of `faces`, every picture saved again, to its output; all as PNG.

    reencodings: the name of the re-encoding of each. specs: their entries by name, each with the
    `sha256` of its weights if it has any. An output that was made from the same pictures in the
    same way is kept.
    """
    libraries, made = library_versions("pillow", "numpy"), 0
    for source, name, output in zip(faces, reencodings, outputs, strict=True):
        spec = specs[name]
        key = key_of(
            step="reencode", content=read_content(source), spec=spec, code=code, libraries=libraries
        )
        if read_key(output) == key:
            LOG.info("%s: kept", output)
            continue
        facts = {"name": name, **spec, "libraries": libraries, "code": code_version(code)}
        record = extend(read_record(source), "reencode", **facts)
        progress = Progress(count_rows(source), f"pictures saved as {name}")
        rows = ahead(iter_rows(source), partial(saved_again, spec=spec), threads)
        schema = read_schema(source).remove_metadata()
        made += write_faces(progress.over(rows), output, record, schema, key=key)
    report_result(f"{counted(made, 'picture')} saved again")


def saved_again(row: dict[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a face with its picture saved again; as it is where there is none."""
    if row["image"] is None:
        return row
    options = {key: value for key, value in spec.items() if key not in ("kind", "sha256")}
    pixels = REENCODINGS[spec["kind"]](decode(row["image"]), **options)
    return {**row, "image": encode(np.ascontiguousarray(pixels))}


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        faces=snakemake.input.faces,
        reencodings=snakemake.params.reencodings,
        specs=snakemake.params.specs,
        code=snakemake.params.code,
        threads=snakemake.threads,
        outputs=snakemake.output,
    )
