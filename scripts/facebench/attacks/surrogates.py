"""Surrogates: models with gradients down to the pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from facebench.errors import UserError
from facebench.models import load
from facebench.pictures.preprocess import FAST_INTERPOLATIONS, Preprocess, resized

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Surrogate:
    """A model with gradients from its rows to the pixels.

    `forward` maps normalised float32 pixels (n, 3, height, width) of `preprocess.size` to rows.
    """

    name: str
    preprocess: Preprocess
    forward: "Any"
    device: "torch.device"

    def embed(self, pictures: "Sequence[torch.Tensor]") -> "torch.Tensor":
        """Return the unit rows (n, dim) of pictures (3, height, width) on 0 to 1, of any sizes.

        They are resized and cropped as the model's `fast` preprocessing does it, without the
        rounding to 8 bits.
        """
        import torch
        from torch.nn.functional import normalize

        pixels = torch.stack([fitted(picture, self.preprocess) for picture in pictures])
        pixels = standard(pixels, self.preprocess)
        # Convolutions and their gradients take a quarter less time in this order of memory.
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        return normalize(self.forward(pixels).float(), dim=-1)


def open_surrogate(
    spec: Mapping[str, Any], files: Mapping[str, str], device: str = "auto", name: str = ""
) -> Surrogate:
    """Return the surrogate of a registry entry (and the files that the rule `weights` found).

    Always float32. Raises `UserError` for a family that has no gradients.
    """
    encoder = load(spec, files, device, "float32")
    if encoder.forward is None or encoder.device is None:
        raise UserError(
            f"{name or 'A model'} of family {spec['family']} can't be a surrogate: it has no"
            " gradients."
        )
    return Surrogate(name, encoder.preprocess, encoder.forward, encoder.device)


def fitted(picture: "torch.Tensor", pre: Preprocess) -> "torch.Tensor":
    """Return a picture (3, height, width) on 0 to 1 in the model's size, differentiably."""
    import torch
    from torch.nn.functional import interpolate, pad

    height, width = picture.shape[1:]
    size = resized(height, width, pre)
    if size != (height, width):
        mode = pre.interpolation if pre.interpolation in FAST_INTERPOLATIONS else "bicubic"
        picture = interpolate(picture[None], size, mode=mode, antialias=True)[0].clamp(0, 1)
    tall, wide = (side - have for side, have in zip(pre.size, size, strict=True))
    if tall < 0 or wide < 0:
        top, left = (round(max(-spare, 0) / 2.0) for spare in (tall, wide))
        picture = picture[:, top : top + pre.size[0], left : left + pre.size[1]]
    if tall > 0 or wide > 0:
        tall, wide = max(tall, 0), max(wide, 0)
        edges = (wide // 2, wide - wide // 2, tall // 2, tall - tall // 2)
        fill = torch.tensor(pre.fill, dtype=picture.dtype, device=picture.device) / 255
        # Padding has one value for all channels: pad with 0 what was shifted by the fill.
        fill = fill.view(-1, 1, 1)
        picture = pad(picture - fill, edges) + fill
    return picture


def standard(pixels: "torch.Tensor", pre: Preprocess) -> "torch.Tensor":
    """Return pixels (n, 3, height, width) on 0 to 1 with the model's mean and deviation."""
    mean, std = (pixels.new_tensor(values).view(1, -1, 1, 1) for values in (pre.mean, pre.std))
    return (pixels - mean) / std
