"""JPEG's losses as a function with gradients: pictures are tensors (3, height, width) on 0 to 1."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

#: The tables of Annex K of the standard (ITU-T T.81): brightness, colour.
TABLES = np.array(
    [
        [
            [16, 11, 10, 16, 24, 40, 51, 61],
            [12, 12, 14, 19, 26, 58, 60, 55],
            [14, 13, 16, 24, 40, 57, 69, 56],
            [14, 17, 22, 29, 51, 87, 80, 62],
            [18, 22, 37, 56, 68, 109, 103, 77],
            [24, 35, 55, 64, 81, 104, 113, 92],
            [49, 64, 78, 87, 103, 121, 120, 101],
            [72, 92, 95, 98, 112, 100, 103, 99],
        ],
        [
            [17, 18, 24, 47, 99, 99, 99, 99],
            [18, 21, 26, 66, 99, 99, 99, 99],
            [24, 26, 56, 99, 99, 99, 99, 99],
            [47, 66, 99, 99, 99, 99, 99, 99],
            [99, 99, 99, 99, 99, 99, 99, 99],
            [99, 99, 99, 99, 99, 99, 99, 99],
            [99, 99, 99, 99, 99, 99, 99, 99],
            [99, 99, 99, 99, 99, 99, 99, 99],
        ],
    ]
)

#: RGB to brightness and the two colours (ITU-T T.871, without the offsets).
YCC = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])


def soft_jpeg(picture: "torch.Tensor", quality: int) -> "torch.Tensor":
    """Return the picture as a JPEG of `quality` (libjpeg's scale), colour at half resolution.

    Coefficients are rounded as round(x) + (x - round(x))^3, whose gradient isn't zero (Shin and
    Song, 2017); all else is as in the standard, except that nothing is clipped in between.
    """
    import torch
    from torch.nn.functional import avg_pool2d, interpolate, pad

    height, width = picture.shape[1:]
    to_ycc = picture.new_tensor(YCC)
    ycc = (to_ycc @ picture.reshape(3, -1)).view(3, height, width) * 255
    ycc = pad(ycc[None], (0, -width % 16, 0, -height % 16), mode="replicate")
    bright = _coded(ycc[0, :1] - 128, quality, 0)
    colour = _coded(avg_pool2d(ycc[:, 1:], 2)[0], quality, 1)
    colour = interpolate(colour[None], scale_factor=2, mode="bilinear")[0]
    from_ycc = picture.new_tensor(np.linalg.inv(YCC))
    shown = torch.cat([bright + 128, colour])[:, :height, :width].reshape(3, -1)
    return ((from_ycc @ shown).view(3, height, width) / 255).clamp(0, 1)


def table(quality: int, which: int) -> np.ndarray:
    """Return the steps (8, 8) of libjpeg's quality, of brightness (0) or colour (1).

    >>> table(50, 0)[0, :3].tolist(), table(75, 0)[0, :3].tolist()
    ([16, 11, 10], [8, 6, 5])
    """
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((TABLES[which] * scale + 50) // 100, 1, 255)


def _coded(planes: "torch.Tensor", quality: int, which: int) -> "torch.Tensor":
    """Return planes (n, height, width), sides multiples of 8, with their coefficients rounded."""
    count, height, width = planes.shape
    turn = planes.new_tensor(_cosines())
    steps = planes.new_tensor(table(quality, which))
    blocks = planes.view(count, height // 8, 8, width // 8, 8).transpose(2, 3)
    values = turn @ blocks @ turn.T / steps
    rounded = values.detach().round()
    values = rounded + (values - rounded) ** 3
    blocks = turn.T @ (values * steps) @ turn
    return blocks.transpose(2, 3).reshape(count, height, width)


@cache
def _cosines() -> np.ndarray:
    """Return the matrix (8, 8) of the orthonormal cosine transform."""
    waves, places = np.mgrid[:8, :8]
    matrix = np.cos((2 * places + 1) * waves * np.pi / 16) / 2
    matrix[0] /= np.sqrt(2)
    return matrix
