"""The loop that turns faces, or sentences, into unit rows: prefetching, in shards, resumable."""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from facebench.errors import UserError
from facebench.logs import LOG, duration
from facebench.models.encoder import Encoder
from facebench.pictures.preprocess import batch
from facebench.store.faces import iter_images
from facebench.store.shards import in_shards, shards
from facebench.threads import ahead
from facebench.vectors.batch_size import choose_batch_size


def encode_faces(
    faces: str | Path,
    ok: np.ndarray,
    encoder: Encoder,
    variant: str,
    folder: str | Path,
    key: dict[str, Any],
    batch_size: int | str = 64,
    shard: int = 512,
    helpers: int = 1,
    what: str = "faces",
) -> Iterator[np.ndarray]:
    """Yield the unit rows of the faces in rows `ok` (sorted row numbers) in blocks, float32.

    A block is (m, dim), and a single one is in memory; all are made before the first is yielded.
    `helpers` threads decode and resize ahead of the model. Finished shards wait in `folder` for the
    next try; `key` is all that they depend on. batch_size: pictures a batch, or "auto". what: the
    faces' name where progress is told.
    """
    size = choose_batch_size(encoder, batch_size)
    prepared: Iterator[np.ndarray] | None = None

    def work(span: slice) -> pa.Table:
        nonlocal prepared
        if prepared is None:
            # Results of an earlier try come first, so from here on nothing is skipped.
            parts = _batches(iter_images(faces, ok[span.start :]), size, shard)
            pixels = ahead(parts, lambda part: batch(part, encoder.preprocess, variant), helpers)
            prepared = _timed(pixels, len(ok))
        count = -(-(span.stop - span.start) // size)
        return as_table([encoder.encode_all(islice(prepared, count))], encoder.dim)

    for piece in shards(folder, key, len(ok), shard, work, what):
        yield as_rows(piece)
    if not len(ok):
        yield np.zeros((0, encoder.dim), np.float32)


def _timed(batches: Iterator[np.ndarray], total: int) -> Iterator[np.ndarray]:
    """Yield the batches; log how fast the first one was, since a shard of a large model is long."""
    start, first = time.monotonic(), 0
    for number, pixels in enumerate(batches):
        if number == 1:
            rate = first / max(time.monotonic() - start, 1e-9)
            LOG.info("first batch: %.1f/s, %s for all", rate, duration(total / rate))
        yield pixels
        first = len(pixels)


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
        rows = np.empty((len(chosen), encoder.text_dim), np.float32)
        for start in range(0, len(order), batch_size):
            part = order[start : start + batch_size]
            rows[part] = encode_text([chosen[i] for i in part])
        return as_table([rows], encoder.text_dim)

    return as_rows(in_shards(folder, key, len(sentences), shard, work, "sentences"))


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
