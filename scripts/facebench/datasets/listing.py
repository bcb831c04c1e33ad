"""What a reader returns, and what readers share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from facebench.datasets.walk import files_in
from facebench.errors import UserError
from facebench.texts import one_line

#: Five points, in pixels of the upright picture, left as seen in the picture.
LANDMARK_COLUMNS = [
    f"{point}_{axis}"
    for point in ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
    for axis in "xy"
]

PAIR_COLUMNS = ["fold", "path_a", "path_b", "same"]


@dataclass(frozen=True)
class Listing:
    """The pictures of a data set, before anybody has looked into them.

    `images` has `path` (relative to the folder of pictures, with /), `identity` (null: of nobody
    the data set knows) and `name` (null without one), then attributes and, where the data set has
    them, `LANDMARK_COLUMNS`. `pairs` has `PAIR_COLUMNS`: fold from 1, two paths of `images`, and
    whether they show the same person. `nobody` says why a picture has no identity. `empty` are
    folders that should be a person's and hold no file. Raises `UserError` for a path that leads out
    of the folder.
    """

    images: pd.DataFrame
    pairs: pd.DataFrame | None = None
    nobody: str = "The data set doesn't say who this is."
    empty: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_paths(self.images["path"])
        if self.pairs is not None:
            check_paths([*self.pairs["path_a"], *self.pairs["path_b"]])


def check_paths(paths: Iterable[str]) -> None:
    """Raise `UserError` for a path that isn't one of a file in the folder of pictures."""
    for path in paths:
        if leads_out(path):
            raise UserError(
                f"its list names the picture {path!r}, which leads out of the folder of pictures:"
                " remove it from the list."
            )


def leads_out(path: str) -> bool:
    """Return whether a path, which a list names, may be of a file outside of its folder.

    >>> [leads_out(path) for path in ("a/1.jpg", "a..b/1.jpg", "/a/1.jpg", "a/../../1.jpg", "a\\0")]
    [False, False, True, True, True]
    """
    return path.startswith("/") or "\0" in path or ".." in PurePosixPath(path).parts


def sentence_name(folder: str) -> str | None:
    """Return a person's name as it stands in a sentence; None where nothing of it is left.

    >>> sentence_name("Jane_van_der_Doe"), sentence_name("_")
    ('Jane van der Doe', None)
    """
    return one_line(folder.replace("_", " ")) or None


def with_unlisted(images: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Return `images` with a row of nobody for every file in `root` that it lacks."""
    listed = set(images["path"])
    extra = pd.DataFrame({"path": [path for path in files_in(root) if path not in listed]})
    return pd.concat([images, extra], ignore_index=True) if len(extra) else images
