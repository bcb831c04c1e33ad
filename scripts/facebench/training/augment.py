"""From pictures in memory to a batch: cut between the face's box and the whole picture, changed.

What a searcher does to a photograph, the models see in training: crops of every size, mirrored,
other colours, something in front of the face.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

#: Share of batches' pictures cut close about the face; the rest lie between that and the picture.
TIGHT = 0.4


def frames(boxes: "torch.Tensor", side: int, chance: "torch.Generator") -> "torch.Tensor":
    """Return where to cut: squares (n, 4) in pixels, left, top, right, bottom, inside the picture.

    boxes: faces (n, 4) in pictures of `side` pixels.
    """
    import torch

    n = len(boxes)

    def uniform(low: float, high: float) -> "torch.Tensor":
        return torch.rand(n, generator=chance) * (high - low) + low

    face = (boxes[:, 2:] - boxes[:, :2]).amax(dim=1)
    whole = torch.where(uniform(0, 1) < TIGHT, 0.0, uniform(0, 1))
    length = (face + whole * (side - face)) * uniform(0.92, 1.12)
    length = length.clamp(max=side)
    shift = 0.06 * length[:, None] * torch.stack([uniform(-1, 1), uniform(-1, 1)], dim=1)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    middle = middle + whole[:, None] * (side / 2 - middle) + shift
    half = length[:, None] / 2
    middle = middle.clamp(min=half, max=side - half)
    return torch.cat([middle - half, middle + half], dim=1)


def cut(pixels: "torch.Tensor", squares: "torch.Tensor", size: int) -> "torch.Tensor":
    """Return the squares (n, 4) of pictures uint8 (n, 3, h, w): float32 (n, 3, size, size), 0-1."""
    import torch
    from torchvision.ops import roi_align

    rows = torch.arange(len(pixels), dtype=torch.float32)[:, None]
    return roi_align(
        pixels.float().div_(255), torch.cat([rows, squares], dim=1), size, sampling_ratio=2,
        aligned=True,
    )  # fmt: skip


def disturb(pictures: "torch.Tensor", chance: "torch.Generator") -> "torch.Tensor":
    """Return pictures (n, 3, h, w) in 0-1 mirrored, in other colours, some with a patch on it."""
    import torch

    n, _, height, width = pictures.shape

    def uniform(low: float, high: float, *shape: int) -> "torch.Tensor":
        return torch.rand(n, *(shape or (1, 1, 1)), generator=chance) * (high - low) + low

    mirrored = uniform(0, 1) < 0.5
    pictures = torch.where(mirrored, pictures.flip(3), pictures)
    pictures *= uniform(0.85, 1.15, 3, 1, 1) * uniform(0.7, 1.3)
    pictures += uniform(-0.1, 0.1)
    grey = pictures.mean(dim=1, keepdim=True)
    colour = torch.where(uniform(0, 1) < 0.1, 0.0, uniform(0.7, 1.3))
    pictures = torch.lerp(grey.expand_as(pictures), pictures, colour)
    patch = covered(n, height, width, chance)
    return torch.where(patch, uniform(0, 1, 3, 1, 1), pictures).clamp_(0, 1)


def covered(n: int, height: int, width: int, chance: "torch.Generator") -> "torch.Tensor":
    """Return a mask (n, 1, height, width): a rectangle in a quarter of the pictures."""
    import torch

    def spans(length: int) -> "torch.Tensor":
        middle = torch.rand(n, 1, generator=chance) * length
        half = (0.05 + 0.15 * torch.rand(n, 1, generator=chance)) * length
        return (torch.arange(length)[None] - middle).abs() < half

    tall, wide = spans(height), spans(width)
    some = torch.rand(n, 1, 1, generator=chance) < 0.25
    return (some & tall[:, :, None] & wide[:, None, :])[:, None]
