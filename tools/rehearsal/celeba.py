"""The files of CelebA and of the set perturbed_faces, with people in them who don't exist."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from facebench.datasets.listing import LANDMARK_COLUMNS
from facebench.people import write_people

#: Width and height of CelebA's aligned pictures, and where the eyes are in them, on the average.
SIZE, EYES = (178, 218), ((69.0, 111.0), (108.0, 111.0))

#: Pixels of a rendered picture, whose face is about as large as in CelebA's.
RENDERED = 176

#: CelebA's lists that a study reads, by the key of the configuration.
NAMES = {
    "identity": "identity_CelebA.txt", "attributes": "list_attr_celeba.txt",
    "landmarks": "list_landmarks_align_celeba.txt", "partition": "list_eval_partition.txt",
}  # fmt: skip

#: What a cloak of the published set changes every value by, at most.
CLOAKS = {"cloaked": 4, "attacked": 8}


def write_datasets(folder: Path, people: int, views: int, published: int) -> dict[str, str]:
    """Write both sets to a folder; return the variables that a study finds them by.

    people, views: how many are rendered, and how many pictures of each. published: how many
    pictures are cloaked, one of each of the first people.
    """
    table = write_people(folder / "people", people, views, RENDERED, 0, 7000, 1)
    # One picture of everybody, then the next of everybody, so that the first are of several.
    table = table.sort_values(["view", "identity"], ignore_index=True)
    table.index = pd.Index([f"{number:06d}.jpg" for number in range(1, len(table) + 1)])
    celeba, perturbed = folder / "celeba", folder / "perturbed_faces"
    celeba.mkdir(exist_ok=True)
    perturbed.mkdir(exist_ok=True)
    places = {}
    with zipfile.ZipFile(celeba / "img_align_celeba.zip", "w") as archive:
        for name, row in table.iterrows():
            picture, places[name] = aligned(folder / "people" / row["path"], row)
            archive.writestr(f"img_align_celeba/{name}", picture)
            if len(places) <= published:
                write_versions(perturbed, str(name), picture)
    for key, text in lists(table, places).items():
        (celeba / NAMES[key]).write_text(text, encoding="utf-8")
    archive_path = celeba / "img_align_celeba.zip"
    return {"CELEBA_ARCHIVE": str(archive_path), "PERTURBED_FACES": str(perturbed)}


def aligned(path: Path, row: Mapping[str, float]) -> tuple[bytes, np.ndarray]:
    """Return a picture as CelebA aligns it, as JPEG, and its landmarks: float (5, 2), pixels."""
    points = np.array([row[name] for name in LANDMARK_COLUMNS]).reshape(5, 2)
    # A turn and a scale are a product of complex numbers.
    have, want = points[:2] @ [1, 1j], np.array(EYES) @ [1, 1j]
    turn = (want[1] - want[0]) / (have[1] - have[0])
    moved = want[0] + turn * (points @ [1, 1j] - have[0])
    back, start = 1 / turn, have[0] - want[0] / turn
    # Pillow counts from a pixel's edge, landmarks from its middle.
    edge = 0.5 + 0.5j - back * (0.5 + 0.5j)
    start += edge
    numbers = (back.real, -back.imag, start.real, back.imag, back.real, start.imag)
    with Image.open(path) as picture:
        made = picture.transform(
            SIZE, Image.Transform.AFFINE, numbers, Image.Resampling.BICUBIC, fillcolor="gray"
        )
    saved = io.BytesIO()
    made.save(saved, "JPEG", quality=95)
    return saved.getvalue(), np.stack([moved.real, moved.imag], axis=1)


def write_versions(folder: Path, name: str, picture: bytes) -> None:
    """Write a published picture and two changed ones, of which each aims at nobody."""
    (folder / name).write_bytes(picture)
    pixels = np.asarray(Image.open(io.BytesIO(picture))).astype(int)
    for ending, most in CLOAKS.items():
        signs = np.random.default_rng(int(name[:6]) + most).choice([-most, most], pixels.shape)
        changed = np.clip(pixels + signs, 0, 255).astype(np.uint8)
        Image.fromarray(changed).save(folder / f"{Path(name).stem}_{ending}.png")


def lists(table: pd.DataFrame, places: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Return the text of CelebA's lists, by the key of the configuration."""
    people = pd.factorize(table["identity"])[0] + 1
    attributes = pd.DataFrame(
        {
            "Male": table["sex"] == "masculine",
            "Young": table["age"] < 40,
            "Eyeglasses": table["glasses"] != "none",
            "Wearing_Hat": table["hat"] != "none",
        }
    )
    signs = attributes.astype(int) * 2 - 1
    heads = {"attributes": signs.columns, "landmarks": LANDMARK_COLUMNS}
    columns = {
        "identity": people[:, None],
        "attributes": signs.to_numpy(),
        "landmarks": np.rint([places[name].ravel() for name in table.index]).astype(int),
        # Nobody is in two parts.
        "partition": (people > people.max() // 2).astype(int)[:, None],
    }
    texts = {}
    for key, numbers in columns.items():
        rows = [
            f"{name} {' '.join(map(str, row))}"
            for name, row in zip(table.index, numbers, strict=True)
        ]
        head = [str(len(table)), " ".join(heads[key])] if key in heads else []
        texts[key] = "\n".join([*head, *rows]) + "\n"
    return texts
