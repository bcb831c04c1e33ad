"""The loop that turns faces, or sentences, into unit rows: ahead of time, in pieces, resumable."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from facebench.errors import UserError
from facebench.logs import duration
from facebench.models.encoder import Encoder
from facebench.pictures.preprocess import batch
from facebench.store.faces import iter_images
from facebench.store.shards import in_shards

LOG = logging.getLogger("facebench")

Task = TypeVar("Task")
Result = TypeVar("Result")


def encode_faces(
    faces: str | Path,
    ok: np.ndarray,
    encoder: Encoder,
    variant: str,
    folder: str | Path,
    key: dict[str, Any],
    batch_size: int = 64,
    shard: int = 512,
    helpers: int = 1,
) -> np.ndarray:
    """Return the unit rows of the faces in rows `ok` (sorted row numbers), float32 (n, dim).

    `helpers` threads decode and resize ahead of the model. Finished shards wait in `folder` for
    the next try; `key` is all that they depend on.
    """
    prepared: Iterator[np.ndarray] | None = None

    def work(span: slice) -> pa.Table:
        nonlocal prepared
        new = prepared is None
        if prepared is None:
            # Whatever an earlier try has finished comes first, so from here on nothing is skipped.
            parts = _batches(iter_images(faces, ok[span.start :]), batch_size, shard)
            prepared = ahead(parts, lambda part: batch(part, encoder.preprocess, variant), helpers)
        rows: list[np.ndarray] = []
        while sum(map(len, rows)) < span.stop - span.start:
            pixels = next(prepared)
            start = time.monotonic()
            rows.append(encoder.encode(pixels))
            if new:
                rate = len(rows[0]) / (time.monotonic() - start)
                LOG.info("first batch: %.1f/s, %s for all", rate, duration(len(ok) / rate))
                new = False
        return as_table(rows, encoder.dim)

    return as_rows(in_shards(folder, key, len(ok), shard, work, "faces"))


def encode_sentences(
    sentences: Sequence[str],
    encoder: Encoder,
    folder: str | Path,
    key: dict[str, Any],
    batch_size: int = 256,
    shard: int = 8192,
) -> np.ndarray:
    """Return the unit rows of sentences, float32 (n, dim), in shards as `encode_faces` does.

    Sentences of like length share a batch, since a batch costs as much as its longest.
    """
    encode_text = encoder.encode_text
    if encode_text is None:
        raise UserError("This model has no text tower, so it can't name anyone.")

    def work(span: slice) -> pa.Table:
        chosen = sentences[span]
        order = np.argsort([len(sentence) for sentence in chosen], kind="stable")
        rows = np.empty((len(chosen), encoder.dim), np.float32)
        for start in range(0, len(order), batch_size):
            part = order[start : start + batch_size]
            rows[part] = encode_text([chosen[i] for i in part])
        return as_table([rows], encoder.dim)

    return as_rows(in_shards(folder, key, len(sentences), shard, work, "sentences"))


def ahead(tasks: Iterable[Task], work: Callable[[Task], Result], helpers: int) -> Iterator[Result]:
    """Yield `work` of every task in order, done by `helpers` threads before it is asked for."""
    with ThreadPoolExecutor(helpers, thread_name_prefix="prepare") as pool:
        waiting: deque[Future[Result]] = deque()
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > helpers + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def as_table(rows: Sequence[np.ndarray], dim: int) -> pa.Table:
    """Return rows (n, dim) as a table with the one column `row`."""
    flat = np.concatenate([np.zeros((0, dim), np.float32), *rows]).astype(np.float32).ravel()
    return pa.table({"row": pa.FixedSizeListArray.from_arrays(pa.array(flat), dim)})


def as_rows(table: pa.Table) -> np.ndarray:
    """Return the rows of such a table: float32 (n, dim), C order, finite.

    >>> as_rows(as_table([np.eye(2), np.zeros((1, 2))], 2)).tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    dim = table.schema.field("row").type.list_size
    chunks = [chunk.flatten().to_numpy() for chunk in table["row"].chunks]
    rows = np.concatenate([np.zeros(0, np.float32), *chunks]).reshape(-1, dim)
    bad = int((~np.isfinite(rows).all(axis=1)).sum())
    if bad:
        raise UserError(
            f"The model gives infinite or undefined numbers for {bad} of {len(rows)} inputs; its"
            " weights are damaged, or embed.precision should be float32."
        )
    return rows


def _batches(pictures: Iterable[bytes], batch_size: int, shard: int) -> Iterator[list[bytes]]:
    """Yield pictures in batches that end where shards end."""
    part: list[bytes] = []
    for count, picture in enumerate(pictures, start=1):
        part.append(picture)
        if len(part) == batch_size or count % shard == 0:
            yield part
            part = []
    if part:
        yield part
