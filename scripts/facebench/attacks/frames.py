"""Looking at a part of a photograph, as a crop does: differentiable, and where the part lies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from facebench.pictures.geometry import frame_side

if TYPE_CHECKING:
    import torch

#: Side of the largest part that is looked at, in pixels; larger ones are shrunk first.
LARGEST = 512

#: Pixels around the frames that belong to the part of a photograph that is changed: those that a
#: bicubic filter reads.
MARGIN = 3


def through(picture: "torch.Tensor", frame: np.ndarray) -> "torch.Tensor":
    """Return what a frame shows of a picture (3, height, width): (3, side, side), differentiable.

    At the picture's own scale, bicubic, its edge continued, as `facebench.pictures.crops.warp`
    without rounding to 8 bits. A part larger than `LARGEST` is shrunk first, with antialiasing.
    """
    import torch
    from torch.nn.functional import grid_sample, interpolate

    native = frame_side(frame)
    if native > LARGEST:
        old = np.array([picture.shape[2], picture.shape[1]])
        new = np.maximum(1, np.rint(old * LARGEST / native)).astype(int)
        size = (int(new[1]), int(new[0]))
        picture = interpolate(picture[None], size, mode="bicubic", antialias=True)[0]
        frame, native = frame * (new / old)[:, None], float(LARGEST)
    side = max(1, round(native))
    place = (np.arange(side) + 0.5) / side
    across, down = np.meshgrid(place, place)
    unit = np.stack([across, down, np.ones_like(across)], axis=-1)
    # From numbers of pixel edges to -1 at the left or top edge and 1 at the other.
    height, width = picture.shape[1:]
    grid = 2 * (unit @ frame.T) / [width, height] - 1
    where = torch.from_numpy(grid).to(picture)[None]
    seen = grid_sample(
        picture[None], where, mode="bicubic", padding_mode="border", align_corners=False
    )
    return seen[0].clamp(0, 1)


def worn(mask: "torch.Tensor", frame: np.ndarray, height: int, width: int) -> "torch.Tensor":
    """Return a mask (3, side, side) where a frame of a picture lies: (3, height, width), 0 beside.

    The way back from `through`: differentiable and bilinear, so that no value grows.
    """
    import torch
    from torch.nn.functional import grid_sample

    across, down = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    points = np.stack([across, down], axis=-1) - frame[:, 2]
    unit = points @ np.linalg.inv(frame[:, :2]).T
    where = torch.from_numpy(2 * unit - 1).to(mask)[None]
    return grid_sample(mask[None], where, mode="bilinear", align_corners=False)[0]


def region(frames: Sequence[np.ndarray], width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the part of a picture that frames (2, 3) show.

    In numbers of pixel edges, with a margin, within the picture.

    >>> region([np.array([[10.0, 0, 5], [0, 10, 1]])], 40, 30)
    (2, 0, 18, 14)
    """
    corners = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])
    points = np.concatenate([corners @ frame.T for frame in frames])
    left, top = (np.floor(points.min(0)).astype(int) - MARGIN).tolist()
    right, bottom = (np.ceil(points.max(0)).astype(int) + MARGIN).tolist()
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


def shifted(frame: np.ndarray, left: int, top: int) -> np.ndarray:
    """Return a frame of a picture as one of the part of it that begins at `left` and `top`."""
    return frame - np.array([[0, 0, left], [0, 0, top]])
