"""Faces that nobody can see, in pictures that stay as they are."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from facebench.training.album import Album

if TYPE_CHECKING:
    import torch

#: Standard deviation of the blur as a share of the diagonal of the face's box: that of Yang and
#: others, "A study of face obfuscation in ImageNet" (ICML 2022).
SIGMA = 0.1
#: How far the edge between what is blurred and what isn't is smoothed, as a share of that.
EDGE = 0.25


def without_faces(album: Album) -> Album:
    """Return the album with every face blurred: the ellipse in its box. Hair and clothes stay."""
    import torch

    pixels = torch.empty_like(album.pixels)
    for row, (picture, box) in enumerate(zip(album.pixels, album.boxes.numpy(), strict=True)):
        pixels[row] = _as_tensor(without_face(picture.permute(1, 2, 0).numpy(), box))
    return replace(album, pixels=pixels)


def without_face(pixels: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Return a picture, uint8 (h, w, 3), whose face in `box` (left, top, right, bottom) is blurred.

    The box in pixels, edges of the picture at 0 and w, h.
    """
    picture = Image.fromarray(pixels)
    sigma = SIGMA * float(np.hypot(box[2] - box[0], box[3] - box[1]))
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse([float(edge) for edge in box], fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(EDGE * sigma))
    return np.asarray(
        Image.composite(picture.filter(ImageFilter.GaussianBlur(sigma)), picture, mask)
    )


def _as_tensor(pixels: np.ndarray) -> "torch.Tensor":
    import torch

    return torch.from_numpy(pixels.transpose(2, 0, 1).copy())
