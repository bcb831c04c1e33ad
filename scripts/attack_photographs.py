"""Attack whole photographs: change the part that surrogates see, save them in their own size."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from facebench.attacks import options_of
from facebench.attacks.contract import Context
from facebench.attacks.photographs import (
    file_names,
    parts_of,
    place_of,
    put_back,
    write_pictures,
)
from facebench.attacks.protected import protected
from facebench.attacks.run import attacked_rows, merged, threads_of_batches
from facebench.attacks.surrogates import open_surrogate
from facebench.logs import LOG, log_to, report_result
from facebench.models import read_description
from facebench.models.device import choose, keep_memory
from facebench.models.gpus import claim
from facebench.pictures.reading import read_picture
from facebench.store.faces import VARIANT, iter_rows, read_labels, write_faces
from facebench.store.keys import content_of_file, key_of, read_content, read_key
from facebench.store.records import code_version, extend, library_versions
from facebench.store.shards import forget
from facebench.store.tables import read_record, read_table
from facebench.vectors.stored import StoredVectors

#: The table of the photographs: the columns of attacked faces, and the name of each one's file.
SCHEMA = pa.schema([*VARIANT, ("file", pa.string())])


def main(
    *,
    images: str | Path,
    landmarks: str | Path,
    pictures: str | Path,
    faces: Sequence[str | Path],
    specs: Sequence[Mapping[str, Any]],
    models: Sequence[str | Path],
    embeddings: Sequence[Sequence[str]],
    attack: str,
    spec: Mapping[str, Any],
    device: str,
    code: str,
    threads: int,
    work: str | Path,
    output: str | Path,
    folder: str | Path,
) -> None:
    """Write the photographs as `attack` leaves them to `folder`, and a table of them to `output`.

    faces, specs: the crops that the surrogates look through, in their order, or one for all.
    models, embeddings: the surrogates' descriptions, and the files of their rows of these faces.
    work: finished batches are kept there until the end. A table that was made of the same
    photographs in the same way is kept, and its pictures are written again.
    """
    keep_memory()
    descriptions = [read_description(path) for path in models]
    key = key_of(
        step="photographs",
        places=[read_content(path) for path in (images, landmarks, *faces)],
        rows=[[content_of_file(path) for path in parts] for parts in embeddings],
        specs=specs, models=[model["record"] for model in descriptions],
        libraries=library_versions("torch", "pillow", "numpy"),
        spec=spec, device=device, code=code,
    )  # fmt: skip
    if read_key(output) == key:
        LOG.info("%s: kept", output)
    else:
        table, usable = located(images, landmarks, faces)
        surrogates = [
            open_surrogate(model["spec"], model["files"], device, model["model"])
            for model in descriptions
        ]
        each = list(faces) * len(surrogates) if len(faces) == 1 else list(faces)
        rows = [rows_of(*pair, usable) for pair in zip(each, embeddings, strict=False)]
        context = Context(spec["seed"], table, surrogates, rows)
        record = extend(
            read_record(landmarks), "attack", name=attack, spec=dict(spec), through=list(specs),
            models=[model["record"] for model in descriptions], device=choose(device).type,
            libraries=library_versions("torch", "pillow", "numpy"), code=code_version(code),
        )  # fmt: skip
        helpers = threads_of_batches(device, threads)
        made = attacked(context, usable, attack, spec, specs, Path(pictures), work, key, helpers)
        write_faces(made, output, record, SCHEMA, key)
        forget(work)
    count = write_pictures(iter_rows(output, ["file", "image"]), folder)
    report_result(f"{count:,} photographs in {folder}")


def attacked(
    context: Context,
    usable: np.ndarray,
    attack: str,
    spec: Mapping[str, Any],
    specs: Sequence[Mapping[str, Any]],
    pictures: Path,
    work: str | Path,
    key: str,
    helpers: int,
) -> Iterator[dict[str, Any]]:
    """Yield the row of every photograph, with what the attack made of it.

    usable: which can be attacked, bool (n,); specs: the crops that surrogates look through.
    """
    table, surrogates = context.labels, len(context.surrogates)
    mine = protected(table, spec.get("people"), spec["seed"])
    chosen = np.flatnonzero(usable & table.identity.isin(mine).to_numpy())
    LOG.info("%s: %d photographs of %d people", attack, len(chosen), len(mine))
    done = attacked_rows(
        lambda rows: parts_of(table.iloc[rows], pictures, specs, surrogates), chosen, spec["kind"],
        options_of(spec), context, work, {"key": key}, spec["batch"], helpers,
    )  # fmt: skip
    whole = photographs(done, table.iloc[chosen], pictures, specs)
    counts: Counter[str] = Counter()
    yield from named(merged(table, set(chosen), mine, whole, counts), table.path.tolist())
    LOG.info("%s", ", ".join(f"{count:,} {status}" for status, count in counts.items()))


def located(
    images: str | Path, landmarks: str | Path, faces: Sequence[str | Path]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return who and where is on every photograph, and which can be attacked: bool (n,).

    That is where each of the crops `faces` could be made.
    """
    who = read_table(images, ["image_id", "path", "identity", "name"])
    where = read_table(landmarks).drop(columns=["image_id", "path"])
    table = pd.concat([who, where], axis=1).assign(width=None, height=None)
    usable = (table.status == "ok").to_numpy(copy=True)
    for path in faces:
        labels = read_labels(path)
        usable &= (labels.status == "ok").to_numpy()
    # Without a crop there is no frame to look through: such a photograph can't be attacked.
    lost = (table.status == "ok").to_numpy() & ~usable
    table.loc[lost, ["status", "reason"]] = ["no-face", "A crop of this photograph can't be made."]
    return table, usable


def rows_of(faces: str | Path, embeddings: Sequence[str], usable: np.ndarray) -> np.ndarray:
    """Return a surrogate's rows (n, dim) of the photographs that are `usable`."""
    there = (read_labels(faces).status == "ok").to_numpy()
    return StoredVectors(embeddings).all()[usable[there]]


def photographs(
    done: Iterator[dict[str, Any]],
    rows: pd.DataFrame,
    pictures: Path,
    specs: Sequence[Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Yield the results for `rows` with the whole photograph in place of the changed part."""
    for row, result in zip(rows.to_dict("records"), done, strict=True):
        if result["image"] is not None:
            pixels = read_picture(pictures / row["path"])
            place = place_of(row, pixels, specs)
            result["image"] = put_back(pixels, result["image"], place)
            result |= {"width": pixels.shape[1], "height": pixels.shape[0]}
        yield result


def named(rows: Iterator[dict[str, Any]], paths: list[str]) -> Iterator[dict[str, Any]]:
    """Yield rows with the name of the file that their picture has."""
    names = file_names(paths)
    for row in rows:
        yield row | {"file": names[row["path"]]}


if __name__ == "__main__":
    log_to(snakemake.log[0])
    claim(snakemake.resources.gpu)
    count = snakemake.params.parts
    files = list(snakemake.input.embeddings)
    main(
        images=snakemake.input.images,
        landmarks=snakemake.input.landmarks,
        pictures=snakemake.params.folder,
        faces=snakemake.input.faces,
        specs=snakemake.params.specs,
        models=snakemake.input.models,
        embeddings=[files[start : start + count] for start in range(0, len(files), count)],
        attack=snakemake.wildcards.attack,
        spec=snakemake.params.spec,
        device=snakemake.params.device,
        code=snakemake.params.code,
        threads=snakemake.threads,
        work=snakemake.params.work,
        output=snakemake.output.table,
        folder=snakemake.output.pictures,
    )
