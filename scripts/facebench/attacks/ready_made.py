"""Ready-made pictures: cloaked versions of the originals by another program, in the same frame."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.distortion import l2, psnr
from facebench.datasets.walk import files_in
from facebench.pictures.crops import CROPS, Face, NoFace, Picture, face_of
from facebench.pictures.faults import enough_memory, why_unreadable
from facebench.pictures.reading import AS_IT_SAYS, read_ways
from facebench.store.damage import undamaged
from facebench.store.faces import decode

#: A picture whose sides are in another proportion than the original's was cut, not resized.
SAME_SHAPE = 0.02
#: Beginning of the reason where there is no ready-made picture.
NO_PICTURE = "There is no picture for"
#: Below this PSNR, in dB, two pictures differ by more than any cloak changes one.
LEAST_PSNR = 20


class Original(NamedTuple):
    """Size of an original picture in pixels, how its file lies, and where its face is."""

    width: int
    height: int
    orientation: int
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
    """Return the ready-made picture at `path`, cropped as the subject's original was.

    Programs that don't know of EXIF orientations drop them, or keep them on pictures that they have
    turned. So where the original or this file has one, it is read in each way that it may lie, and
    the one that is nearest to the original counts.
    """
    try:
        ways = read_ways(path, original.orientation)
    except Exception as error:
        reason = why_unreadable(error, path)
        return Attacked(None, "not attacked", f"{path.name} can't be read. {reason}")
    try:
        with enough_memory(path):
            crops = {
                way: _cropped(path, pixels, original, spec)
                for way, pixels in ways.items()
                if _same_shape(pixels, original)
            }
    except NoFace as none:
        return Attacked(None, "not attacked", f"{path.name}: {none}")
    if not crops:
        return Attacked(None, "not attacked", _another_shape(path, ways[AS_IT_SAYS], original))
    # The first of equal ones, which is how the file says that it lies.
    way = min(crops, key=lambda way: l2(subject.pixels, crops[way]))
    return Attacked(crops[way], reason=_remark(subject.pixels, crops[way], way))


def _same_shape(pixels: np.ndarray, original: Original) -> bool:
    height, width = pixels.shape[:2]
    return abs(width * original.height / (height * original.width) - 1) <= SAME_SHAPE


def _cropped(
    path: Path, pixels: np.ndarray, original: Original, spec: Mapping[str, Any]
) -> np.ndarray:
    options = {name: value for name, value in spec.items() if name != "kind"}
    picture = Picture(path, (original.width, original.height), pixels)
    return decode(CROPS[spec["kind"]](picture, original.face, **options).image)


def _another_shape(path: Path, pixels: np.ndarray, original: Original) -> str:
    height, width = pixels.shape[:2]
    sizes = f"({width} x {height}) than the original ({original.width} x {original.height})"
    if _same_shape(pixels.transpose(1, 0, 2), original):
        return f"{path.name} has another shape {sizes}: it is turned on its side; turn it back."
    return f"{path.name} has another shape {sizes}: it was cut, so the face can't be found in it."


def _remark(clean: np.ndarray, pixels: np.ndarray, way: int) -> str:
    """Return what is odd about a picture that is taken, in sentences; "" for nothing."""
    words = [] if way == AS_IT_SAYS else ["It lay on its side and was turned like the original."]
    near = psnr(clean, pixels)
    if near is not None and near < LEAST_PSNR:
        words.append(
            f"It differs from the original by more than a cloak ({near:.0f} dB): is it the same"
            " picture, and the right way up?"
        )
    return " ".join(words)


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
        known = pq.read_schema(images).names
        wanted = [name for name in ("path", "width", "height", "orientation") if name in known]
        sizes = pq.read_table(images, columns=wanted).to_pylist()
    with undamaged(landmarks):
        where = pq.read_table(landmarks).to_pylist()
    return {
        size["path"]: Original(
            int(size["width"]), int(size["height"]), size.get("orientation") or 1, face_of(row)
        )
        for size, row in zip(sizes, where, strict=True)
        if size["width"] is not None  # an unreadable picture has no size
    }


def flat_names(context: Context) -> frozenset[str]:
    """Return the names, without extension, that only one original has."""
    counts = Counter(PurePosixPath(path).stem for path in context.labels.path)
    return frozenset(name for name, count in counts.items() if count == 1)
