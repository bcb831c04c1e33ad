"""Faces as a crop writes them, and the scripts that turn them into vectors, on files of a test."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from facebench.store.faces import write_faces
from scripts import embed

SETTINGS = embed.Settings(
    preprocess="fast",
    device="cpu",
    precision="auto",
    code="0123",
    batch_size=64,
    shard=512,
    threads=1,
)
RECORD = {"data": {"reader": "made"}, "faces": {"crop": "tight"}}


def face_rows(n, rng):
    """Return the rows of n faces, every fifth of them unusable."""
    rows = []
    for i in range(n):
        ok = i % 5 != 3
        size = tuple(rng.integers(20, 60, 2))
        file = BytesIO()
        pixels = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file, "JPEG" if i % 2 else "PNG")
        rows.append(
            {
                "image_id": f"{i:016x}",
                "path": f"person {i // 4}/é {i}.jpg",
                "identity": f"person {i // 4}",
                "name": None,
                "status": "ok" if ok else "no-face",
                "reason": "" if ok else "no face was found",
                "width": size[1] if ok else None,
                "height": size[0] if ok else None,
                "image": file.getvalue() if ok else None,
            }
        )
    return rows


def faces_of(n, path, rng):
    """Write n faces, every fifth of them unusable; return the table without the pixels."""
    rows = face_rows(n, rng)
    write_faces(rows, path, RECORD)
    return pd.DataFrame(rows).drop(columns="image")


def watched(monkeypatch):
    """Return a list that fills with what `embed` does: "loaded", and how many faces a batch had."""
    found, real = [], embed.load

    def load(*arguments):
        encoder = real(*arguments)
        inner = encoder.encode_batches
        encoder.encode_batches = lambda batches: inner(found.append(len(b)) or b for b in batches)
        found.append("loaded")
        return encoder

    monkeypatch.setattr(embed, "load", load)
    return found


def embed_one(faces, weights, folder, part=0, parts=1, **changes):
    """Embed one set of faces into `folder`; return its rows and the path of its metadata."""
    folder = Path(folder)
    paths = folder / f"img_emb_{part}.npy", folder / f"metadata_{part}.parquet"
    embed.main(
        faces=[faces],
        weights=[weights],
        part=part,
        parts=parts,
        settings=SETTINGS._replace(**changes),
        work=folder / f"work-{part}",
        embeddings=[paths[0]],
        metadata=[paths[1]],
    )
    return np.load(paths[0]), paths[1]
