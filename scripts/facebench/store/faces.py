"""The faces store: one row a picture with the encoded pixels that a model may see.

A crop writes such a file and an attack turns one into another; both stream, so that millions of
faces never have to fit into memory.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from facebench.store.atomic import replacing
from facebench.store.damage import undamaged
from facebench.store.keys import CONTENT, KEY, content_of
from facebench.store.records import Record
from facebench.store.tables import RECORD_KEY, read_table, record_text

#: The fewest rows of a row group, unless it is the last, and the bytes of its pictures that end it,
#: or else the most rows. Reading a piece of a file costs at most one group more than it holds; and
#: what Parquet says of a group, 25 kB, is in memory until the file is written.
ROWS_A_GROUP, BYTES_A_GROUP, MOST_ROWS = 256, 4_000_000, 4096

SCHEMA = pa.schema(
    [
        ("image_id", pa.string()),
        ("path", pa.string()),
        ("identity", pa.string()),
        ("name", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("image", pa.binary()),
    ]
)

#: The columns that an attack adds to its `faces.parquet`. Sizes of the change are measured on the
#: pixels read back from `image`, on 0 to 255; `psnr` is in dB. Null where a picture wasn't
#: attacked, `psnr` also where it is unchanged, `lpips` where its weights aren't at hand. `target`
#: is an identity, `written` the text on the picture. `protected`: whether the attack is to protect
#: its person, also where a picture can't be used. `made_from`: of a change that several pictures
#: share, whether it was made from this one; null for any other change.
ATTACK_SCHEMA = pa.schema(
    [
        ("protected", pa.bool_()),
        ("attack_status", pa.string()),
        ("attack_reason", pa.string()),
        *((name, pa.float32()) for name in ("linf", "l2", "psnr", "dssim", "lpips")),
        ("objective_start", pa.float32()),
        ("objective", pa.float32()),
        ("target", pa.string()),
        ("written", pa.string()),
        ("made_from", pa.bool_()),
    ]
)

#: The columns of an attack's faces: those of a crop, then its own.
VARIANT = pa.schema([*SCHEMA, *ATTACK_SCHEMA])

#: Measured on 120-pixel faces: 0.9 ms and 1.57 bytes a pixel; the default level 6 takes 2.9 ms
#: for 1.45 bytes.
PNG_LEVEL = 1

#: Every column but the pixels.
LABELS = [name for name in SCHEMA.names if name != "image"]


def write_faces(
    rows: Iterable[dict[str, Any]],
    path: str | Path,
    record: Record,
    schema: pa.Schema = SCHEMA,
    key: str = "",
) -> int:
    """Write `rows` (dictionaries with the columns of `schema`) as they come; return how many.

    Atomic: the file appears when all rows are in it. The same rows give the same bytes. key: what
    they were made from, see `facebench.store.keys`.
    """
    schema = schema.with_metadata({RECORD_KEY: record_text(record).encode()})
    count, content = 0, hashlib.sha256()
    # Pictures are compressed already, and no two are equal.
    with (
        replacing(path) as part,
        pq.ParquetWriter(
            part,
            schema,
            compression={name: "none" if name == "image" else "zstd" for name in schema.names},
            use_dictionary=["identity", "name", "status", "reason"],
            write_statistics=False,  # nobody asks for them
        ) as writer,
    ):
        for group in grouped(rows):
            table = pa.Table.from_pylist(group, schema)
            writer.write_table(table, row_group_size=len(group))
            content.update(content_of(table).encode())
            count += len(group)
        writer.add_key_value_metadata({CONTENT: content.hexdigest()[:24], KEY: key})
    return count


def grouped(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of one row group after the other."""
    group: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row.get("image") or b"")
        full = len(group) >= ROWS_A_GROUP and size >= BYTES_A_GROUP
        if full or len(group) >= MOST_ROWS:
            yield group
            group, size = [], 0
    if group:
        yield group


def read_labels(path: str | Path) -> pd.DataFrame:
    """Return every column but `image`, all rows."""
    return read_table(path, columns=LABELS)


def attempted(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all pictures of somebody that count: usable or not, but no copies.

    What is drawn from these is the same in every crop and under every model.
    """
    somebody = labels["identity"].fillna("") != ""
    return labels[(labels["status"] != "duplicate") & somebody]


def read_attacked(path: str | Path) -> pd.DataFrame:
    """Return every column but `image` of an attack's faces, all rows."""
    return read_table(path, columns=[*LABELS, *ATTACK_SCHEMA.names])


def iter_images(path: str | Path, rows: np.ndarray) -> Iterator[bytes]:
    """Yield the encoded pictures of some rows (sorted row numbers), one row group in memory.

    Row groups without any of the rows aren't read.
    """
    with open_faces(path) as table:
        for start, stop in _group_ends(table.metadata):
            part = rows[np.searchsorted(rows, start) : np.searchsorted(rows, stop)]
            if len(part):
                with undamaged(path):
                    images = read_rows(table, slice(start, stop), ["image"])["image"]
                for row in part - start:
                    yield images[int(row)].as_py()


def open_faces(path: str | Path) -> pq.ParquetFile:
    """Return a handle for `read_rows`, which saves reading a large file's footer each time.

    One handle must not be used by two threads at once. Raises `UserError` for a damaged file.
    """
    with undamaged(path):
        return pq.ParquetFile(path)


def read_rows(
    faces: str | Path | pq.ParquetFile, rows: slice, columns: Sequence[str] | None = None
) -> pa.Table:
    """Return the rows of a slice (step 1; ends beyond the file are cut), or some columns of them.

    Only the row groups that hold them are read.
    """
    file = faces if isinstance(faces, pq.ParquetFile) else open_faces(faces)
    start, stop, step = rows.indices(file.metadata.num_rows)
    if step != 1:
        raise ValueError(f"read_rows takes slices of step 1, not {step}")
    groups, before = _groups(file.metadata, start, stop)
    table = file.read_row_groups(groups, columns=list(columns) if columns is not None else None)
    return table.slice(start - before, max(stop - start, 0))


def iter_rows(path: str | Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file as dictionaries, one row group in memory at a time."""
    with open_faces(path) as file:
        for group in range(file.metadata.num_row_groups):
            with undamaged(path):
                rows = file.read_row_group(group, columns=columns and list(columns)).to_pylist()
            yield from rows


def decode(image: bytes) -> np.ndarray:
    """Decode a value of the column `image`, a picture's bytes: uint8 RGB (height, width, 3)."""
    with Image.open(BytesIO(image)) as picture:
        return np.asarray(picture.convert("RGB"))


def encode(pixels: np.ndarray) -> bytes:
    """Return uint8 RGB pixels (height, width, 3) as a PNG: lossless, the same bytes every time.

    >>> pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    >>> bool((decode(encode(pixels)) == pixels).all())
    True
    """
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=PNG_LEVEL)
    return file.getvalue()


def _group_ends(metadata: pq.FileMetaData) -> list[tuple[int, int]]:
    """Return the first row of every row group, and the row after its last."""
    sizes = (metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
    return list(pairwise(accumulate(sizes, initial=0)))


def _groups(metadata: pq.FileMetaData, start: int, stop: int) -> tuple[list[int], int]:
    """Return the row groups that hold rows start..stop-1, and which row the first begins with."""
    ends = np.array([0, *(stop for _, stop in _group_ends(metadata))])
    first = int(np.searchsorted(ends, start, side="right")) - 1
    last = int(np.searchsorted(ends, stop, side="left"))
    if start >= stop:
        return [], start
    return list(range(first, last)), int(ends[first])
