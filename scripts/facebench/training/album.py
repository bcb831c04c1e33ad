"""The pictures that a model is trained on, in memory, with who and where the face is."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from facebench.datasets.people import TABLE
from facebench.errors import UserError
from facebench.pictures.reading import read_picture
from facebench.store.tables import read_table

if TYPE_CHECKING:
    import torch

BOX = ["box_left", "box_top", "box_right", "box_bottom"]


@dataclass(frozen=True)
class Album:
    """Pictures of people: `pixels` uint8 (n, 3, side, side), `boxes` float32 (n, 4) in pixels.

    `people` int64 (n,) counts the identities from 0; `table` has a row a picture.
    """

    pixels: "torch.Tensor"
    boxes: "torch.Tensor"
    people: "torch.Tensor"
    table: pd.DataFrame

    @property
    def paths(self) -> str:
        """Return a hash of which pictures these are."""
        return sha256("\n".join(self.table["path"]).encode()).hexdigest()

    @property
    def identities(self) -> int:
        """Return how many people there are."""
        return int(self.people.max()) + 1


def open_album(folders: Sequence[str | Path], threads: int = 1) -> Album:
    """Return the pictures of rendered people in `folders`, which all have one size.

    Raises `UserError` for pictures of several sizes, and for one that can't be read.
    """
    return album_of(pd.concat([rows_of(folder) for folder in folders], ignore_index=True), threads)


def rows_of(folder: str | Path) -> pd.DataFrame:
    """Return the table of the rendered people in a folder, with the path of each as `file`."""
    table = read_table(Path(folder) / TABLE)
    return table.assign(file=[str(Path(folder) / path) for path in table["path"]])


def album_of(table: pd.DataFrame, threads: int = 1) -> Album:
    """Return the pictures in the rows of tables as `rows_of` gives them, read from their `file`."""
    import torch

    files = [Path(file) for file in table["file"]]
    sizes = sorted(set(zip(table["width"], table["height"], strict=True)))
    if len(sizes) > 1:
        folders = dict.fromkeys(str(file.parents[1]) for file in files)
        raise UserError(
            f"The pictures to train on, in {' and '.join(folders)}, are of several sizes"
            f" ({', '.join(f'{w} x {h}' for w, h in sizes)}): give their data sets one `size`."
        )
    with ThreadPoolExecutor(threads) as pool:
        pixels = np.stack(list(pool.map(_read, files)))
    return Album(
        torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()),
        torch.tensor(table[BOX].to_numpy(np.float32)),
        torch.from_numpy(pd.factorize(table["identity"])[0].astype(np.int64)),
        table,
    )


def _read(picture: Path) -> np.ndarray:
    """Return the pixels of a rendered picture, uint8 (height, width, 3)."""
    try:
        return read_picture(picture)
    except (OSError, ValueError, SyntaxError) as error:  # Pillow's are of these kinds
        raise UserError(
            f"{picture} can't be read ({error}): delete {picture.parents[1]} and run again."
        ) from error
