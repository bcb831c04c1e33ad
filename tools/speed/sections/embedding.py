"""From encoded pictures to unit rows, against other ways to do it and against a matrix product."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.speed import jpegs, peers
from tools.speed.section import Best, Case, Parts, Row, Section, rate

#: Goals: of the speed of a matrix product, where the network is a transformer or a ResNet; times
#: other loops.
SHARE, SHARE_RESNET, README, LOADER, CLIP_RETRIEVAL = 0.88, 0.80, 1.8, 1.05, 1.2

#: What stands in the table where clip-retrieval itself did not run.
REMADE = "clip-retrieval's settings, re-made"

NOTE = f"""
* **Against sgemm**: billions of operations a second in the network alone, on one core, by processor
  time, against a product of two float32 matrices of 2048 by 2048 on the same core. What a picture
  costs is what torch counts for open_clip's network; facebench leaves out a part of that which no
  output depends on (`spare_unused_tokens`).
* **Against the README's loop**: pictures a second on all cores, by the clock, from files to unit
  rows; plain is the loop of open_clip's README, picture by picture. facebench's is the rule
  `embed`'s, reading from a table of faces.
* **Against a DataLoader**: the same with torch's DataLoader, batches of {peers.LOADER} and a
  worker for each core.
* **Against clip-retrieval**: its own reader, mapper and writer where the row has a version; else
  the same settings and order of operations, made again, because it was not installed. Its defaults:
  batches of {peers.BATCH}, {peers.WORKERS} workers, files in a folder. Models were loaded before.
  Where fewer pictures are embedded, they are one batch.
* **Against the forward pass**: facebench from encoded pictures, plain only open_clip's network on
  tensors that are ready: what is lost to reading, decoding and resizing.
"""


def facebench(*, model: str, count: int, batch: int) -> Parts:
    """Return the rule `embed`'s loop, and its network alone on one core."""
    from facebench.models.device import keep_memory

    keep_memory()
    import numpy as np
    import torch

    from facebench.models import load
    from facebench.pictures import preprocess
    from facebench.store.faces import write_faces
    from facebench.vectors.embedding_loop import encode_faces

    shipped = Path("weights") / model
    named = {"family": "open_clip", "path": str(shipped)}
    spec = named if shipped.exists() else {"family": "random", "arch": model}
    encoder = load(spec, device="cpu")
    place = tempfile.TemporaryDirectory()
    faces = Path(place.name) / "faces.parquet"
    pictures = jpegs.make(count=count)
    row = dict.fromkeys(["image_id", "path", "identity", "name", "reason"], "") | {"status": "ok"}
    write_faces(({**row, "image": picture} for picture in pictures), faces, {})
    pixels = preprocess.batch(pictures[:batch], encoder.preprocess)

    def loop() -> dict[str, Any]:
        every, work = np.arange(count), Path(place.name) / "work"
        key = {"at": time.monotonic_ns()}
        made = encode_faces(faces, every, encoder, "fast", work, key, "auto")
        # The vectors come as they are made; only who takes them all has them made.
        return {"pictures": sum(len(rows) for rows in made)}

    def network() -> dict[str, Any]:
        torch.set_num_threads(1)
        try:
            encoder.encode(pixels)
        finally:
            torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        return {"pictures": len(pixels)}

    return {"loop": loop, "network": network}


def rows(best: Best, case: Case) -> Iterator[Row]:
    """Yield the rows of a model."""
    model = case["model"]
    ours = rate(best["facebench", "loop"], "pictures")
    forward = best["open_clip", "forward"]
    gemm = rate(best["open_clip", "sgemm"], "gflop", "cpu")
    network = rate(best["facebench", "network"], "pictures", "cpu")
    work = network * forward.said["gflop a picture"]
    goal = SHARE if model.startswith("ViT") else SHARE_RESNET
    yield Row(f"{model}: against sgemm, GFLOP/s on one core", gemm, work, work / gemm, goal)
    for part, told, target in (
        ("README", "the README's loop", README),
        ("DataLoader", "a DataLoader", LOADER),
        ("forward", "the forward pass", None),
    ):
        other = rate(best["open_clip", part], "pictures")
        yield Row(f"{model}: against {told}, pictures/s", other, ours, ours / other, target)
    theirs = best["clip-retrieval", "clip-retrieval"]
    other = rate(theirs, "pictures")
    by = f"clip-retrieval {theirs.said['version']}".strip()
    told = f"{model}: against {by if theirs.said['version'] else REMADE}, pictures/s"
    yield Row(told, other, ours, ours / other, CLIP_RETRIEVAL)


SECTION = Section(
    title="Embedding",
    note=NOTE,
    cases={
        "usual": [
            {"model": "ViT-B-32", "count": 256, "batch": 64},
            {"model": "ViT-L-14", "count": 32, "batch": 16},
            {"model": "RN50", "count": 128, "batch": 64},
            {"model": "mini-m", "count": 1024, "batch": 64},
        ],
        "smallest": [{"model": "mini-s", "count": 6, "batch": 4}],
    },
    sides={
        "open_clip": peers.open_clip,
        "clip-retrieval": peers.clip_retrieval,
        "facebench": facebench,
    },
    rows=rows,
)
