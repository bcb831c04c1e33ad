"""Small faces of nobody, and what attacks on them need."""

import json

import numpy as np
import pandas as pd
from PIL import Image

from facebench.attacks.contract import Context, Subject
from facebench.store.faces import decode, encode, iter_rows, read_labels, write_faces
from scripts import attack, weights
from tests.toys.faces import embed_one
from tests.toys.models import tiny_clip

NAMES = ["Ann Archer", "Bob Baker", "Cleo Çelik", "Дина", "Ed Eyre", "Fay Fox"]


def blob(rng, width, height):
    """Return a smooth picture, uint8 (height, width, 3)."""
    coarse = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def faces_file(path, people=6, views=3, seed=0, mixed=False):
    """Write `people` times `views` faces of several sizes, one row in seven without a face.

    mixed: a person's rows are not together.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(people * views):
        person, ok = i % people if mixed else i // views, i % 7 != 5
        width, height = 40 + 4 * (i % 3), 40 + 2 * (i % 5)
        image = encode(blob(rng, width, height)) if ok else None
        rows.append(
            {
                "image_id": f"{i:016x}",
                "path": f"p{person}/{i}.png",
                "identity": f"p{person}",
                "name": NAMES[person % len(NAMES)],
                "status": "ok" if ok else "no-face",
                "reason": "" if ok else "No face was found.",
                "width": width if ok else None,
                "height": height if ok else None,
                "image": image,
            }
        )
    write_faces(rows, path, {"data": {"reader": "made"}, "faces": {"crop": "tight"}})
    return path


def model_files(folder, name="tiny", seed=0):
    """Write a tiny CLIP and its description; return the description's path."""
    tiny_clip(folder / name, seed)
    weights.main(
        model=name,
        spec={"family": "open_clip", "path": str(folder / name)},
        output=folder / f"{name}.json",
    )
    return folder / f"{name}.json"


def rows_file(folder, faces, model):
    """Embed the faces under a described model; return the path of the rows."""
    place = folder / json.loads(model.read_text())["model"]
    embed_one(faces, model, place, precision="float32")
    return place / "img_emb_0.npy"


def run(faces, output, models=(), rows=(), threads=1, where=None, **spec):
    """Attack the faces of one crop; return the table that comes out, and its pictures.

    rows: the file of the rows of each of `models`. where: the tables of pictures and of landmarks,
    and what the crop is, for kinds that cut pictures anew.
    """
    attack_crops({"toy": (faces, output)}, models, {"toy": rows}, threads, where, **spec)
    return pictures(output)


def attack_crops(crops, models=(), rows=None, threads=1, where=None, **spec):
    """Attack several crops by one job: name -> its faces and the output.

    The faces stand in for the tables of pictures and landmarks where nobody reads these.
    """
    where, (any_faces, last) = where or {}, list(crops.values())[-1]
    attack.main(
        crops=[
            attack.CropFiles(
                name=name,
                spec=where.get("crop", {}),
                faces=str(faces),
                embeddings=[[path] for path in (rows or {}).get(name, ())],
                output=str(output),
                like=where.get("like", ""),
            )
            for name, (faces, output) in crops.items()
        ],
        models=models,
        images=where.get("images", str(any_faces)),
        landmarks=where.get("landmarks", str(any_faces)),
        attack="toy",
        spec={"seed": 0, "batch": 4, **spec},
        state="",
        device="cpu",
        code="0123",
        threads=threads,
        work=last.parent / f"work-{last.stem}",
    )


def pictures(path):
    """Return the rows of a table of faces, and the pixels of each (None without)."""
    rows = list(iter_rows(path))
    table = pd.DataFrame(rows).drop(columns="image")
    return table, [None if row["image"] is None else decode(row["image"]) for row in rows]


def setting_of(faces, surrogates=(), rows=(), seed=0):
    """Return what an attack may know of a table of faces."""
    return Context(seed, read_labels(faces), surrogates, rows)


def subjects_in(faces):
    """Return the faces that can be attacked."""
    rows = [row for row in iter_rows(faces) if row["status"] == "ok"]
    return [
        Subject(r["image_id"], r["path"], r["identity"], r["name"], decode(r["image"]))
        for r in rows
    ]
