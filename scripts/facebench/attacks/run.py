"""Batches of an attack: read, attacked by several threads, saved, measured, resumable."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from facebench.attacks import ATTACKS, distortion
from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.protected import SPARED
from facebench.models.device import choose
from facebench.store.faces import ATTACK_SCHEMA, LABELS, SCHEMA, decode, encode, iter_images
from facebench.store.shards import shards
from facebench.threads import ahead

#: Columns of a batch: a row for each of its pictures.
PIECE = pa.schema([SCHEMA.field("image"), *ATTACK_SCHEMA])


def attacked_rows(
    read: Callable[[np.ndarray], Iterator[Subject]],
    rows: np.ndarray,
    kind: str,
    options: Mapping[str, Any],
    context: Context,
    folder: str | Path,
    key: dict[str, Any],
    batch: int = 32,
    helpers: int = 1,
) -> Iterator[dict[str, Any]]:
    """Yield the columns of `PIECE` for the pictures in `rows` (sorted row numbers).

    read: yields the pictures of some of these rows.
    Batches are always the same `batch` pictures, each attacked by one of `helpers` threads, so
    that neither threads nor an interruption change a bit. Finished batches wait in `folder`; `key`
    is all that they depend on.
    """
    done: Iterator[pa.Table] | None = None

    def one(subjects: list[Subject]) -> pa.Table:
        results = ATTACKS[kind](subjects, context, **options)
        return piece(subjects, results)

    def work(span: slice) -> pa.Table:
        nonlocal done
        if done is None:
            # Results of an earlier try come first, so from here on nothing is skipped.
            left = read(rows[span.start :])
            done = ahead(_batches(left, batch), one, helpers)
        return next(done)

    for table in shards(folder, key, len(rows), batch, work, "pictures attacked"):
        yield from table.to_pylist()


def subjects_of(faces: str | Path, rows: np.ndarray, context: Context) -> Iterator[Subject]:
    """Yield the pictures of some rows of `faces`, decoded, with who is in them."""
    chosen = context.labels.iloc[rows]
    who = zip(chosen.image_id, chosen.path, chosen.identity, chosen["name"], strict=True)
    for (image_id, path, identity, name), image in zip(who, iter_images(faces, rows), strict=True):
        known = name if isinstance(name, str) else None
        yield Subject(image_id, path, identity, known, decode(image))


def piece(subjects: Sequence[Subject], results: Sequence[Attacked]) -> pa.Table:
    """Return the table of a batch: every picture encoded, read back and measured."""
    rows = [measured(*pair) for pair in zip(subjects, results, strict=True)]
    return pa.Table.from_pylist(rows, PIECE)


def measured(subject: Subject, result: Attacked) -> dict[str, Any]:
    """Return the row of a picture, with the size of the change in the saved file."""
    row: dict[str, Any] = {
        "attack_status": result.status,
        "attack_reason": result.reason,
        "objective_start": result.objective_start,
        "objective": result.objective,
        "target": result.target,
        "written": result.written,
    }
    if result.pixels is None:
        return row
    if result.pixels.shape != subject.pixels.shape or result.pixels.dtype != np.uint8:
        raise ValueError(
            f"The attack returned {result.pixels.dtype} {result.pixels.shape} for the picture"
            f" {subject.path}; it must return uint8 {subject.pixels.shape}."
        )
    image = encode(np.ascontiguousarray(result.pixels))
    saved = decode(image)
    if result.status == "ok" and np.array_equal(saved, subject.pixels):
        row |= {"attack_status": "unchanged", "attack_reason": "No pixel differs."}
    for measure in (
        distortion.linf,
        distortion.l2,
        distortion.psnr,
        distortion.dssim,
        distortion.lpips,
    ):
        row[measure.__name__] = measure(subject.pixels, saved)
    return {**row, "image": image}


def _batches(subjects: Iterable[Subject], size: int) -> Iterator[list[Subject]]:
    part: list[Subject] = []
    for subject in subjects:
        part.append(subject)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def merged(
    labels: pd.DataFrame,
    chosen: set[int],
    mine: set[str],
    done: Iterator[dict[str, Any]],
    counts: Counter[str],
) -> Iterator[dict[str, Any]]:
    """Yield every row of `labels`, with what the attack made of it; count their statuses.

    chosen: the rows that were attacked, of which `done` are the results; mine: the people who are
    protected.
    """
    for i, base in enumerate(labels[LABELS].to_dict("records")):
        row: dict[str, Any] = {
            str(name): None if value != value else value for name, value in base.items()
        }
        if i in chosen:
            row |= next(done)
            if row["attack_status"] == "not attacked":
                row |= {"status": "not-attacked", "reason": row["attack_reason"]}
        elif row["status"] == "ok":
            row |= {"status": "not-attacked", "reason": SPARED}
            row |= {"attack_status": "not attacked", "attack_reason": SPARED}
        else:
            row |= {"attack_status": "not attacked", "attack_reason": row["reason"]}
        row["protected"] = row["identity"] in mine
        counts[row["attack_status"]] += 1
        yield row


def threads_of_batches(device: str, threads: int) -> int:
    """Return how many batches are attacked at once: on a CPU one a thread, on a GPU one.

    A batch is computed by a single thread, so that its sums, and with them the signs of its
    gradients, are the same however many there are.
    """
    on_cpu = choose(device).type == "cpu"
    import torch

    torch.set_num_threads(1)
    return threads if on_cpu else 1
