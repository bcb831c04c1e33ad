"""From pictures in memory to a batch: the face's square, now and then more of the picture.

Measured: with every cut shifted, scaled, mirrored and coloured at random, models learned far more
slowly. At a small budget of pictures, those that are rendered vary enough.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

#: Share of pictures cut as the crop `tight` does; the rest lie between that and the whole picture.
TIGHT = 0.85


def squares(boxes: "torch.Tensor", side: int) -> "torch.Tensor":
    """Return the square about each box (n, 4), moved into the picture of `side` pixels: (n, 4).

    Without the shift it is the frame of the crop `tight`: `facebench.pictures.geometry.box_frame`.
    """
    import torch

    length = (boxes[:, 2:] - boxes[:, :2]).amax(dim=1, keepdim=True).round().clamp(max=side)
    corner = ((boxes[:, :2] + boxes[:, 2:] - length) / 2).round()
    corner = torch.minimum(corner.clamp(min=0), side - length)
    return torch.cat([corner, corner + length], dim=1)


def frames(boxes: "torch.Tensor", side: int, chance: "torch.Generator") -> "torch.Tensor":
    """Return where to cut: squares (n, 4) in pixels, left, top, right, bottom, inside the picture.

    boxes: faces (n, 4) in pictures of `side` pixels.
    """
    import torch

    whole = torch.rand(len(boxes), 1, generator=chance)
    whole = torch.where(torch.rand(len(boxes), 1, generator=chance) < TIGHT, 0.0, whole)
    return torch.lerp(squares(boxes, side), torch.tensor([0.0, 0, side, side]), whole)


def cut(pixels: "torch.Tensor", squares: "torch.Tensor", size: int) -> "torch.Tensor":
    """Return the squares (n, 4) of pictures uint8 (n, 3, h, w): float32 (n, 3, size, size), 0-1."""
    import torch
    from torchvision.ops import roi_align

    rows = torch.arange(len(pixels), dtype=torch.float32)[:, None]
    return roi_align(
        pixels.float().div_(255), torch.cat([rows, squares], dim=1), size, sampling_ratio=2,
        aligned=True,
    )  # fmt: skip
