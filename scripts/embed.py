"""Turn every usable face into the unit row that a model gives it."""

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np

from facebench.encode import encode_faces
from facebench.faces import read_labels
from facebench.logs import log_to, report_result
from facebench.models import load, read_description
from facebench.models.device import choose, keep_memory, use_threads
from facebench.records import code_version, extend, work_key
from facebench.shards import forget
from facebench.tables import read_record, write_table


def main(
    faces: str | Path,
    weights: str | Path,
    preprocess: str,
    device: str,
    precision: str,
    batch_size: int,
    shard: int,
    threads: int,
    work: str | Path,
    embeddings: str | Path,
    metadata: str | Path,
) -> None:
    """Write the rows of the `ok` faces to `embeddings` and who they are to `metadata`.

    `weights` is the JSON file of the rule `weights`; `work` keeps finished pieces until the end.
    """
    keep_memory()
    model = read_description(weights)
    chosen = choose(device)
    helpers = use_threads(chosen, threads)
    encoder = load(model["spec"], model["files"], chosen.type, precision)
    record = extend(
        read_record(faces),
        "embed",
        **model["record"],
        **encoder.record,
        preprocess={"variant": preprocess, **encoder.preprocess.record},
        dim=encoder.dim,
        code=code_version(),
    )
    _tell(model["model"], record["embed"], threads, preprocess)
    labels = read_labels(faces)
    ok = np.flatnonzero(labels.status == "ok")
    key = work_key(record)
    rows = encode_faces(faces, ok, encoder, preprocess, work, key, batch_size, shard, helpers)
    people = labels.iloc[ok].rename(columns={"path": "image_path"})
    write_table(people[["image_id", "image_path", "identity"]], metadata, record)
    save_rows(rows, embeddings)
    forget(work)
    report_result(f"{len(rows):,} faces, {encoder.dim:,} numbers each")


def save_rows(rows: np.ndarray, path: str | Path) -> None:
    """Write an array to an .npy file, atomically."""
    part = Path(f"{path}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    with open(part, "wb") as file:
        np.save(file, np.ascontiguousarray(rows))
    os.replace(part, path)


def _tell(model: str, record: dict[str, Any], threads: int, variant: str) -> None:
    logging.getLogger("facebench").info(
        "%s on %s (%s, %d threads), preprocessing %s",
        model, record["device"], record["dtype"], threads, variant,
    )  # fmt: skip


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.faces,
        snakemake.input.weights,
        snakemake.params.preprocess,
        snakemake.params.device,
        snakemake.params.precision,
        snakemake.resources.batch_size,
        snakemake.resources.shard,
        snakemake.threads,
        snakemake.params.work,
        snakemake.output.embeddings,
        snakemake.output.metadata,
    )
