"""Long work in pieces: the next try uses what a killed job had finished."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from facebench.errors import UserError
from facebench.logs import LOG, Progress
from facebench.store.atomic import replacing
from facebench.store.damage import undamaged


def in_shards(
    folder: str | Path,
    key: dict[str, Any],
    rows: int,
    size: int | Sequence[int],
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
    size: int | Sequence[int],
    work: Callable[[slice], pa.Table],
    what: str = "images",
) -> Iterator[pa.Table]:
    """Yield `work` of all `rows` rows, done `size` rows at a time, each piece kept in `folder`.

    size: the same for all pieces, or the size of each, whose sum is `rows`.

    `work` gets a slice of row numbers and returns as many rows. `key` is all that the result
    depends on: pieces in `folder` made under another key are deleted. The caller removes
    `folder` with `forget` once it has written its output. Every piece is done before the first is
    yielded, and a single one is in memory at a time.

    Pieces are made in their order, and `work` is called for all that follow the first call: it may
    prepare ahead. So a piece that is missing, or can't be read, takes those after it with it.
    """
    folder = Path(folder)
    _open(folder, {**key, "rows": rows, "size": size})
    ends = [*range(0, rows, size), rows] if isinstance(size, int) else accumulate(size, initial=0)
    spans = [slice(*pair) for pair in pairwise(ends)]
    paths = [folder / f"{span.start:012d}.parquet" for span in spans]
    kept = next((i for i, span in enumerate(spans) if not _is_whole(paths[i], span)), len(spans))
    for path in paths[kept:]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    progress = Progress(rows, what, done=spans[kept - 1].stop if kept else 0)
    for path, span in zip(paths[kept:], spans[kept:], strict=True):
        with replacing(path) as part:
            pq.write_table(work(span), part)
        progress.step(span.stop - span.start)
    yield from again(paths)


def again(paths: Iterable[Path]) -> Iterator[pa.Table]:
    """Yield the pieces in some files, a single one in memory at a time."""
    for path in paths:
        with undamaged(path):
            piece = pq.read_table(path)
        yield piece


def made(folder: str | Path) -> list[Path]:
    """Return the files of all pieces that `shards` has made in `folder`, in their order."""
    return sorted(Path(folder).glob("*.parquet"))


def forget(folder: str | Path) -> None:
    """Remove the pieces in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)


def _open(folder: Path, key: dict[str, Any]) -> None:
    text = json.dumps(key, sort_keys=True, default=str).encode()
    file = folder / "key.json"
    if file.is_file() and file.read_bytes() == text:
        return
    forget(folder)
    with replacing(file) as part:
        part.write_bytes(text)


def _is_whole(path: Path, span: slice) -> bool:
    """Return whether a piece is there and holds all rows of its span."""
    if not path.exists():
        return False
    try:
        with undamaged(path):
            if pq.read_table(path).num_rows == span.stop - span.start:
                return True
        why = "it has another number of rows"
    except UserError as error:
        why = str(error)
    LOG.info("An unfinished piece is made again: %s (%s)", path, why)
    return False
