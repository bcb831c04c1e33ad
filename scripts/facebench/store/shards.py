"""Long work in pieces: the next try uses what a killed job had finished."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from facebench.logs import Progress


def in_shards(
    folder: str | Path,
    key: dict[str, Any],
    rows: int,
    size: int,
    work: Callable[[slice], pa.Table],
    what: str = "images",
) -> pa.Table:
    """Return what `shards` yields as one table."""
    pieces = list(shards(folder, key, rows, size, work, what))
    return pa.concat_tables(pieces or [work(slice(0, 0))])


def shards(
    folder: str | Path,
    key: dict[str, Any],
    rows: int,
    size: int,
    work: Callable[[slice], pa.Table],
    what: str = "images",
) -> Iterator[pa.Table]:
    """Yield `work` of all `rows` rows, done `size` rows at a time, each piece kept in `folder`.

    `work` gets a slice of row numbers and returns as many rows. `key` is all that the result
    depends on: pieces in `folder` made under another key are deleted. The caller removes
    `folder` with `forget` once it has written its output. Every piece is done before the first is
    yielded, and a single one is in memory at a time.
    """
    folder = Path(folder)
    _open(folder, {**key, "rows": rows, "size": size})
    paths = [folder / f"{start:012d}.parquet" for start in range(0, rows, size)]
    kept = sum(min(size, rows - i * size) for i, path in enumerate(paths) if path.exists())
    progress = Progress(rows, what, done=kept)
    for i, path in enumerate(paths):
        if path.exists():
            continue
        span = slice(i * size, min((i + 1) * size, rows))
        part = path.with_suffix(".part")
        pq.write_table(work(span), part)
        os.replace(part, path)
        progress.step(span.stop - span.start)
    for path in paths:
        yield pq.read_table(path)


def forget(folder: str | Path) -> None:
    """Remove the pieces in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)


def _open(folder: Path, key: dict[str, Any]) -> None:
    text = json.dumps(key, sort_keys=True, default=str)
    file = folder / "key.json"
    if file.exists() and file.read_text() == text:
        return
    forget(folder)
    folder.mkdir(parents=True)
    file.write_text(text)
