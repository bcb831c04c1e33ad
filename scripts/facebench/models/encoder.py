"""The interface of every model to the rest of facebench."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from facebench.errors import UserError
from facebench.pictures.preprocess import Preprocess
from facebench.store.records import Record

if TYPE_CHECKING:
    import pandas as pd
    import torch


@dataclass(frozen=True)
class LookedUp:
    """Vectors that were made elsewhere, of those of n pictures that have one.

    `rows`: float32 unit rows (m, dim), in the order of the pictures; `found`: bool (n,), which have
    one; `record`: what the rows depend on, and why others have none.
    """

    rows: np.ndarray
    found: np.ndarray
    record: dict[str, Any]


@dataclass
class Encoder:
    """A loaded model.

    `encode` maps pixels, uint8 (n, 3, height, width) in the size of `preprocess`, to float32 unit
    rows (n, dim). `encode_text`, where a model has a text tower, maps n sentences to float32 unit
    rows (n, dim) in the same space. `record` holds what the rows depend on and the weights' own
    record lacks: dtype, device, library versions. Models of torch also have `forward`, from
    normalised float32 pixels on `device` to rows of any length, with gradients, and
    `encode_batches`, which leaves rows on the device until the last batch is done. A model with
    `lookup` sees no pixels: that maps the labels of pictures (n rows) and the record of their faces
    to vectors that were made elsewhere, its `dim` is 0, and its `encode` refuses. Of a model that
    gives several features at once, `dim` numbers stand side by side, `parts` says how many are of
    each, and texts are in the space of the first. `logit_scale` is what the model was trained
    to multiply inner products of pictures and texts with, before a softmax over texts.
    """

    dim: int
    preprocess: Preprocess
    encode: Callable[[np.ndarray], np.ndarray]
    record: dict[str, Any] = field(default_factory=dict)
    encode_text: Callable[[Sequence[str]], np.ndarray] | None = None
    forward: "Callable[[torch.Tensor], torch.Tensor] | None" = None
    device: "torch.device | None" = None
    encode_batches: Callable[[Iterable[np.ndarray]], np.ndarray] | None = None
    parts: tuple[int, ...] = ()
    logit_scale: float | None = None
    lookup: "Callable[[pd.DataFrame, Record], LookedUp] | None" = None

    @property
    def text_dim(self) -> int:
        """The length of a text's row."""
        return self.parts[0] if self.parts else self.dim

    def cut(self, rows: np.ndarray, number: int) -> np.ndarray:
        """Return the unit rows of one feature, float32 (n, its part), from rows (n, dim) of all."""
        if not self.parts:
            return rows
        first = sum(self.parts[:number])
        return unit_rows(rows[:, first : first + self.parts[number]])

    def encode_all(self, batches: Iterable[np.ndarray]) -> np.ndarray:
        """Return the rows of several batches, one after the other: float32 (n, dim)."""
        if self.encode_batches is not None:
            return self.encode_batches(batches)
        rows = [self.encode(pixels) for pixels in batches]
        return np.concatenate([np.zeros((0, self.dim), np.float32), *rows])


#: Two vectors that differ by less in every number are the same.
SAME = 1e-5


def check_rows(encoder: Encoder, what: str) -> None:
    """Refuse a model that has no finite vector, or the same one, for two pictures (`UserError`).

    The pictures are a black one and one of noise; such weights are damaged, or none.
    """
    if encoder.lookup is not None:
        return
    pixels = np.zeros((2, 3, *encoder.preprocess.size), np.uint8)
    pixels[1] = np.random.default_rng(0).integers(0, 256, pixels[1].shape, dtype=np.uint8)
    black, noise = encoder.encode(pixels)
    if not np.isfinite([black, noise]).all():
        raise UserError(
            f"{what} gives infinite or undefined numbers: its weights are damaged, or"
            " embed.precision should be float32."
        )
    if np.abs(black - noise).max() < SAME:
        raise UserError(
            f"{what} gives the same vector for every picture: its weights are damaged, or are not"
            " those of this network."
        )


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Return `rows` (n, dim) scaled to length 1, float32.

    A row of zeros has no direction; it becomes the row whose entries are all equal.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).round(3).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.7070000171661377, 0.7070000171661377]]
    """
    rows = np.asarray(rows, np.float64)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = np.where(length == 0, 1.0, rows)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
