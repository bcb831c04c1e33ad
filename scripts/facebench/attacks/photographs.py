"""Attacks on whole photographs: which part of one is changed, and how it is put back."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from facebench.attacks.contract import Subject
from facebench.attacks.frames import region, shifted
from facebench.pictures.crops import Face, face_of, frame_of
from facebench.pictures.reading import read_picture
from facebench.store.atomic import replacing
from facebench.store.faces import decode, encode

#: Where a part of a photograph lies: left, top, right and bottom, in numbers of pixel edges.
Place = tuple[int, int, int, int]


def parts_of(
    rows: pd.DataFrame,
    pictures: Path,
    specs: Sequence[Mapping[str, Any]],
    surrogates: int,
) -> Iterator[Subject]:
    """Yield of every photograph the part that is changed, with the surrogates' frames in it.

    rows: of the tables of pictures and landmarks together, all with a usable face. specs: the crops
    that the surrogates look through, in their order, or one for all; without surrogates, the crops
    whose frames are changed.
    """
    for row in rows.to_dict("records"):
        pixels = read_picture(pictures / row["path"])
        left, top, right, bottom = place_of(row, pixels, specs)
        frames = [shifted(frame, left, top) for frame in frames_of(row, specs)]
        yield Subject(
            row["image_id"],
            row["path"],
            row["identity"],
            row["name"] if isinstance(row["name"], str) else None,
            np.ascontiguousarray(pixels[top:bottom, left:right]),
            tuple(frames * surrogates if len(frames) == 1 else frames),
        )


def frames_of(row: Mapping[Any, Any], specs: Sequence[Mapping[str, Any]]) -> list[np.ndarray]:
    """Return the frames (2, 3) of a photograph's face in these crops."""
    face = face_of(row)
    assert face is not None  # noqa: S101 (tells mypy)
    return [frame_of(face, spec) for spec in specs]


def place_of(
    row: Mapping[Any, Any], pixels: np.ndarray, specs: Sequence[Mapping[str, Any]]
) -> Place:
    """Return the part of a photograph (height, width, 3) that the crops show."""
    return region(frames_of(row, specs), pixels.shape[1], pixels.shape[0])


def put_back(photograph: np.ndarray, part: bytes, place: Place) -> bytes:
    """Return a photograph (height, width, 3) as a PNG, an encoded picture at `place` in it."""
    left, top, right, bottom = place
    whole = photograph.copy()
    whole[top:bottom, left:right] = decode(part)
    return encode(whole)


def file_names(paths: Sequence[str]) -> dict[str, str]:
    """Return the names of the cloaked photographs' files, by the paths of the originals.

    >>> file_names(["a/1.jpg", "a/2.jpg", "a/2.gif"])
    {'a/1.jpg': 'a/1.png', 'a/2.jpg': 'a/2.jpg.png', 'a/2.gif': 'a/2.gif.png'}
    """
    # Two names that differ only in case are one file on some systems.
    stems = Counter(str(PurePosixPath(path).with_suffix("")).lower() for path in paths)
    alone = {path: stems[str(PurePosixPath(path).with_suffix("")).lower()] == 1 for path in paths}
    return {
        path: str(PurePosixPath(path).with_suffix(".png")) if alone[path] else f"{path}.png"
        for path in paths
    }


def write_pictures(rows: Iterator[Mapping[str, Any]], folder: str | Path) -> int:
    """Write the pictures of rows (`file`, `image`) into a folder; return how many."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    count = 0
    for row in rows:
        if row["image"] is not None:
            with replacing(Path(folder) / row["file"]) as part:
                part.write_bytes(row["image"])
            count += 1
    return count


def moved(before: Face, after: Face) -> float:
    """Return how far a face's landmarks moved: root mean square, in distances of the eyes before.

    >>> points = np.array([[0, 0], [10, 0], [5, 5], [2, 9], [8, 9]], float)
    >>> still = Face(np.zeros(4), points)
    >>> moved(still, still), moved(still, Face(np.zeros(4), points + [1, 0]))
    (0.0, 0.1)
    """
    steps = np.linalg.norm(after.landmarks - before.landmarks, axis=1)
    eyes = np.linalg.norm(before.landmarks[0] - before.landmarks[1])
    return float(np.sqrt((steps**2).mean()) / max(eyes, 1e-9))
