"""What a reader returns, and the walk over a folder that readers share."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from facebench.errors import UserError
from facebench.logs import LOG

#: Five points, in pixels of the upright picture, left as seen in the picture.
LANDMARK_COLUMNS = [
    f"{point}_{axis}"
    for point in ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
    for axis in "xy"
]

PAIR_COLUMNS = ["fold", "path_a", "path_b", "same"]

#: Left behind by file managers, in lower case; so is everything whose name begins with a dot.
SYSTEM_NAMES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir"}


@dataclass(frozen=True)
class Listing:
    """The pictures of a data set, before anybody has looked into them.

    `images` has `path` (relative to the folder of pictures, with /), `identity` (null: of nobody
    the data set knows) and `name` (null without one), then attributes and, where the data set has
    them, `LANDMARK_COLUMNS`. `pairs` has `PAIR_COLUMNS`: fold from 1, two paths of `images`, and
    whether they show the same person. `nobody` says why a picture has no identity.
    """

    images: pd.DataFrame
    pairs: pd.DataFrame | None = None
    nobody: str = "The data set doesn't say who this is."


def files_in(root: Path) -> list[str]:
    """Return the paths of all files below `root`, relative to it and sorted.

    Links are followed. Hidden files and folders and those of file managers are left alone, and
    counted in the log. Raises `UserError` for a folder that can't be read.
    """
    if not root.is_dir():
        raise UserError(f"{root} is not a folder of pictures.")
    skipped: list[str] = []
    found = sorted(_walk(root, "", frozenset(), skipped))
    if skipped:
        LOG.info("%s hidden or system files and folders are left alone", f"{len(skipped):,}")
    return found


def _walk(root: Path, folder: str, above: frozenset[str], skipped: list[str]) -> Iterator[str]:
    real = os.path.realpath(root / folder)
    if real in above:
        return  # a link to a folder that contains it
    try:
        entries = list(os.scandir(root / folder))
    except OSError as error:
        raise UserError(f"The folder {root / folder} can't be read: {error.strerror}.") from None
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.name == ".snakemake_timestamp":
            continue
        if entry.name.startswith(".") or entry.name.lower() in SYSTEM_NAMES:
            skipped.append(path)
        elif entry.is_dir():
            yield from _walk(root, path, above | {real}, skipped)
        else:
            yield printable(path)


def printable(path: str) -> str:
    r"""Return `path` as valid Unicode: bytes that are none become \x escapes.

    >>> printable("Jos" + chr(0xDCE9)) == r"Jos\xe9"
    True
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def sentence_name(folder: str) -> str:
    """Return a person's name as it stands in a sentence.

    >>> sentence_name("Jane_van_der_Doe")
    'Jane van der Doe'
    """
    return " ".join(folder.replace("_", " ").split())


def with_unlisted(images: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Return `images` with a row of nobody for every file in `root` that it lacks."""
    listed = set(images["path"])
    extra = pd.DataFrame({"path": [path for path in files_in(root) if path not in listed]})
    return pd.concat([images, extra], ignore_index=True) if len(extra) else images
