"""Pictures in Parquet files as the Hugging Face hub has them, read where they lie.

A column `image` has a structure {`bytes`, `path`} in each row. A picture's path is that of its file
and the number of its row, from 0: `.../train-00000-of-00019.parquet/000000.png`. Its row group is
read whole (100 rows, as the library `datasets` writes pictures) and kept for those that follow.
"""

import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING

from facebench.errors import UserError
from facebench.texts import one_line

if TYPE_CHECKING:
    import pyarrow as pa

#: The end of a file's name, and of a picture's in it.
PARQUET, ENDING = ".parquet", ".png"
#: The column of pictures.
IMAGE = "image"
#: Row groups that are kept: pictures are read in their order, a few ahead.
KEPT = 4

_READING = Lock()


def names_of(rows: int) -> list[str]:
    """Return the names of the pictures in a file with so many rows.

    >>> names_of(2)
    ['000000.png', '000001.png']
    """
    return [f"{row:06d}{ENDING}" for row in range(rows)]


def picture(file: str, name: str) -> bytes:
    """Return the bytes of the picture called `name`; empty where its row has none.

    Raises `FileNotFoundError` where the file has no such row, `UserError` for a file that is gone
    or can't be read.
    """
    with unspoilt(file):
        there = os.stat(file)
        what = (os.fspath(file), there.st_size, there.st_mtime_ns)
        with _READING:  # else every thread would read the same group
            starts = _starts(*what)
            stem = name.removesuffix(ENDING)
            row = int(stem) if stem.isascii() and stem.isdigit() else starts[-1]
            if row < starts[-1]:
                group = bisect_right(starts, row) - 1
                return _group(*what, group)[row - starts[group]].as_py() or b""
    raise FileNotFoundError(2, "No such row in the file", f"{file}/{name}")


@contextmanager
def unspoilt(file: str | os.PathLike[str]) -> Iterator[None]:
    """Raise `UserError` where a Parquet file of the user's is gone, damaged, or lacks a column."""
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{file} is gone, with the pictures in it: run again.") from None
    except (pa.ArrowException, OSError, KeyError) as error:
        raise UserError(
            f"{file} is no Parquet file with pictures in its column {IMAGE!r}, or it is cut short"
            f" or damaged ({one_line(error)[:200]}): fetch it again, or remove it."
        ) from error


@lru_cache(KEPT)
def _starts(file: str, size: int, changed: int) -> list[int]:
    """Return the first row of each row group, then the number of rows; see `_group`."""
    import pyarrow.parquet as pq

    about = pq.read_metadata(file)
    counts = [about.row_group(number).num_rows for number in range(about.num_row_groups)]
    return list(accumulate(counts, initial=0))


@lru_cache(KEPT)
def _group(file: str, size: int, changed: int, group: int) -> "pa.Array":
    """Return the bytes of a row group's pictures; size and time of the file tell its change."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as opened:
        read = opened.read_row_group(group, columns=[f"{IMAGE}.bytes"])
    return read[IMAGE].combine_chunks().field("bytes")
