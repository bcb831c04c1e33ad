"""Cut one kind of crop out of every picture of a data set: the faces that the models will see."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from facebench.errors import UserError
from facebench.logs import Progress, log_to
from facebench.pictures.crops import CROPS, NoFace, Picture, face_of
from facebench.pictures.geometry import BOX_COLUMNS, POINT_COLUMNS
from facebench.store.faces import write_faces
from facebench.store.records import extend, library_versions
from facebench.store.tables import read_record

WHO = ["image_id", "path", "identity", "name", "status", "reason"]
WHERE = ["image_id", "status", "reason", *BOX_COLUMNS, *POINT_COLUMNS]


def main(
    images: str | Path,
    landmarks: str | Path,
    pictures: str | Path,
    crop: str,
    spec: Mapping[str, Any],
    threads: int,
    output: str | Path,
) -> None:
    """Write the crop of every row of `images` to `output`: a row each, in the same order."""
    facts = {"crop": crop, **spec, "libraries": library_versions("pillow", "numpy")}
    record = extend(read_record(landmarks), "faces", **facts)
    progress = Progress(pq.read_metadata(images).num_rows, "pictures")
    cut = partial(face_row, pictures=Path(pictures), spec=spec)
    with ThreadPoolExecutor(threads) as pool:
        rows = in_order(pool, cut, located(images, landmarks), ahead=4 * threads)
        write_faces(progress.over(rows), output, record)


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
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(4096, columns=columns):
            yield from batch.to_pylist()


def in_order(pool: ThreadPoolExecutor, function: Callable, items: Iterable, ahead: int) -> Iterator:
    """Yield `function` of every item, in order, with at most `ahead` of them begun and waiting."""
    waiting: deque = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.images,
        snakemake.input.landmarks,
        snakemake.input.pictures,
        snakemake.wildcards.crop,
        snakemake.params.spec,
        snakemake.threads,
        snakemake.output[0],
    )
