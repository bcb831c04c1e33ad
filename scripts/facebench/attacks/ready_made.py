"""Ready-made pictures: cloaked versions of the originals by another program, in the same frame."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from PIL import Image

from facebench.attacks.contract import Attacked, Context, Subject
from facebench.datasets.listing import files_in
from facebench.pictures.crops import CROPS, Face, Picture, face_of
from facebench.store.damage import undamaged
from facebench.store.faces import decode

#: A picture whose sides are in another proportion than the original's was cut, not resized.
SAME_SHAPE = 0.02
#: Beginning of the reason where there is no ready-made picture.
NO_PICTURE = "There is no picture for"


class Original(NamedTuple):
    """Size of an original picture in pixels, and where its face is."""

    width: int
    height: int
    face: Face | None


def ready_made(
    subjects: Sequence[Subject], context: Context, folder: str, endings: Sequence[str]
) -> list[Attacked]:
    """Take the pictures from `folder`, crop them as the originals were cropped.

    A picture of another size is resized to the original's first, so that the face is in the same
    place. One that is missing, can't be read or has another shape is `not attacked`.
    """
    found = available(folder)
    originals = places(context.place["images"], context.place["landmarks"])
    flat = flat_names(context)
    results = []
    for subject in subjects:
        name = match(PurePosixPath(subject.path), endings, found, flat)
        if name is None:
            reason = f"{NO_PICTURE} {subject.path}."
            results.append(Attacked(None, "not attacked", reason))
        else:
            crop = context.place["crop"]
            results.append(taken(Path(folder) / name, subject, originals[subject.path], crop))
    return results


def taken(path: Path, subject: Subject, original: Original, spec: Mapping[str, Any]) -> Attacked:
    """Return the ready-made picture at `path`, cropped as the subject's original was."""
    options = {name: value for name, value in spec.items() if name != "kind"}
    size = original.width, original.height
    try:
        picture = Picture(path, size)
        wide, tall = picture.own_size
        if abs(wide * size[1] / (tall * size[0]) - 1) > SAME_SHAPE:
            reason = (
                f"{path.name} has another shape ({wide} x {tall}) than the original"
                f" ({size[0]} x {size[1]}): it was cut, so the face can't be found in it."
            )
            return Attacked(None, "not attacked", reason)
        crop = CROPS[spec["kind"]](picture, original.face, **options)
        pixels = decode(crop.image)
    except Exception as error:  # Pillow's plugins raise many kinds
        return Attacked(None, "not attacked", f"{path.name} can't be read: {error}.")
    return Attacked(pixels)


def match(
    path: PurePosixPath,
    endings: Sequence[str],
    found: Mapping[PurePosixPath, str],
    flat: frozenset[str],
) -> str | None:
    """Return the file made of the original `path`: the first of its names that is there.

    A name is the original's without extension plus an ending. It is looked for in the folder that
    the original is in and, where no other original has its name, at the top.

    >>> found = {PurePosixPath("Ann/1_cloaked"): "Ann/1_cloaked.png"}
    >>> match(PurePosixPath("Ann/1.jpg"), ["_cloaked", ""], found, frozenset())
    'Ann/1_cloaked.png'
    """
    stem = path.with_suffix("")
    folders = [stem.parent] + ([PurePosixPath()] if stem.name in flat else [])
    names = (folder / f"{stem.name}{ending}" for folder in folders for ending in endings)
    return next((found[name] for name in names if name in found), None)


@cache
def available(root: str) -> dict[PurePosixPath, str]:
    """Return the pictures in a folder by their path without extension; a PNG before others."""
    paths = [PurePosixPath(name) for name in files_in(Path(root))]
    extensions = Image.registered_extensions()
    pictures = [path for path in paths if path.suffix.lower() in extensions]
    pictures.sort(key=lambda path: path.suffix.lower() == ".png")
    return {path.with_suffix(""): str(path) for path in pictures}


@cache
def places(images: str, landmarks: str) -> dict[str, Original]:
    """Return size and face of every original picture, by path."""
    with undamaged(images):
        sizes = pq.read_table(images, columns=["path", "width", "height"]).to_pylist()
    with undamaged(landmarks):
        where = pq.read_table(landmarks).to_pylist()
    return {
        size["path"]: Original(int(size["width"]), int(size["height"]), face_of(row))
        for size, row in zip(sizes, where, strict=True)
        if size["width"] is not None  # an unreadable picture has no size
    }


def flat_names(context: Context) -> frozenset[str]:
    """Return the names, without extension, that only one original has."""
    counts = Counter(PurePosixPath(path).stem for path in context.labels.path)
    return frozenset(name for name, count in counts.items() if count == 1)
