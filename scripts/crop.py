"""Cut the crops out of every picture of a data set: the faces that the models will see."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from facebench.errors import UserError
from facebench.logs import LOG, Progress, log_to, report_result
from facebench.pictures.crops import CROPS, NoFace, Picture, face_of
from facebench.pictures.geometry import BOX_COLUMNS, POINT_COLUMNS
from facebench.store.damage import undamaged
from facebench.store.faces import write_faces
from facebench.store.keys import key_of, read_content, read_key
from facebench.store.records import code_version, extend, library_versions
from facebench.store.tables import count_rows, read_record
from facebench.threads import ahead

WHO = ["image_id", "path", "identity", "name", "status", "reason"]
WHERE = ["image_id", "status", "reason", *BOX_COLUMNS, *POINT_COLUMNS]


def main(
    *,
    images: str | Path,
    landmarks: str | Path,
    pictures: str | Path,
    crops: Sequence[str],
    specs: Sequence[Mapping[str, Any]],
    code: str,
    threads: int,
    outputs: Sequence[str | Path],
) -> None:
    """Write each of `crops`, described by `specs`, to its output: a row for each of `images`.

    An output that was made from the same pictures in the same way is kept.
    """
    made: list[str] = []
    content = [read_content(images), read_content(landmarks)]
    for crop, spec, output in zip(crops, specs, outputs, strict=True):
        libraries = library_versions("pillow", "numpy")
        key = key_of(step="crop", content=content, spec=spec, code=code, libraries=libraries)
        if read_key(output) == key:
            LOG.info("%s: kept", crop)
            continue
        facts = {"crop": crop, **spec, "libraries": libraries, "code": code_version(code)}
        record = extend(read_record(landmarks), "faces", **facts)
        progress = Progress(count_rows(images), f"pictures cut as {crop}")
        cut = partial(face_row, pictures=Path(pictures), spec=spec)
        rows = ahead(located(images, landmarks), cut, threads, most=4 * threads)
        made.append(f"{crop} {write_faces(progress.over(rows), output, record, key=key):,} faces")
    report_result(", ".join(made) or "every crop kept")


def face_row(row: dict[str, Any], pictures: Path, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of `faces.parquet` for a picture: its crop, or why there is none.

    A picture without a face has a crop still where the kind needs none.
    """
    options = {name: value for name, value in spec.items() if name != "kind"}
    base = {name: row[name] for name in WHO}
    if row["status"] not in ("ok", "no-face"):
        return base
    try:
        crop = CROPS[spec["kind"]](Picture(pictures / row["path"]), face_of(row), **options)
    except NoFace as none:
        return base | {"status": "no-face", "reason": str(none)}
    except Exception as error:  # Pillow's plugins raise many kinds
        return base | {"status": "unreadable", "reason": f"The picture can't be read: {error}."}
    remark = row["reason"] if row["status"] == "ok" else ""
    return base | {"status": "ok", "reason": remark} | vars(crop)


def located(images: str | Path, landmarks: str | Path) -> Iterator[dict[str, Any]]:
    """Yield who and where, a dictionary a picture; status and reason are those of `landmarks`."""
    who, where = (rows_of(*pair) for pair in ((images, WHO), (landmarks, WHERE)))
    for i, (person, place) in enumerate(zip(who, where, strict=True)):
        if person["image_id"] != place["image_id"]:
            raise UserError(
                f"Row {i} of {landmarks} is not of the picture in row {i} of {images}: remove"
                " landmarks.parquet and run again."
            )
        yield person | place


def rows_of(path: str | Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as dictionaries, a small batch in memory at a time."""
    with undamaged(path), pq.ParquetFile(path) as file:
        for batch in file.iter_batches(4096, columns=columns):
            yield from batch.to_pylist()


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        images=snakemake.input.images,
        landmarks=snakemake.input.landmarks,
        pictures=snakemake.input.pictures,
        crops=snakemake.params.crops,
        specs=snakemake.params.specs,
        code=snakemake.params.code,
        threads=snakemake.threads,
        outputs=snakemake.output,
    )
