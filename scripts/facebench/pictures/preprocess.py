"""From an encoded picture to the uint8 pixels that a model takes.

Two variants, recorded with every number. `exact` gives the pixels of open_clip's own inference
transform bit for bit (Pillow, in the picture's own colour mode). `fast` decodes and resizes with
torch on uint8, which takes less than half the time and stays within 2/255 of `exact` on RGB and
grey pictures. Both end in uint8, so `normalise` is shared and its arithmetic is open_clip's.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from facebench.errors import UserError
from facebench.timing import loading

if TYPE_CHECKING:
    import torch

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)

#: What torch can resize on uint8 with antialiasing.
FAST_INTERPOLATIONS = ("bicubic", "bilinear")


@dataclass(frozen=True)
class Preprocess:
    """What a model does to a picture before its first layer.

    `size` is (height, width) in pixels. `resize_mode`: `shortest` fits the shorter side and crops
    the middle, `longest` fits the longer side and pads with `fill` (0-255 a channel), `squash`
    ignores the shape. The resized side is `size / crop_pct`. `mean` and `std` are a channel's, of
    pixels scaled to 0-1.
    """

    size: tuple[int, int] = (224, 224)
    mean: tuple[float, ...] = CLIP_MEAN
    std: tuple[float, ...] = CLIP_STD
    interpolation: str = "bicubic"
    resize_mode: str = "shortest"
    fill: tuple[int, ...] = (0, 0, 0)
    crop_pct: float = 1.0

    @property
    def record(self) -> dict[str, Any]:
        """Return the facts for a record."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}


def resized(height: int, width: int, pre: Preprocess) -> tuple[int, int]:
    """Return the height and width to which a picture is resized before it is cropped or padded.

    The rounding is that of torchvision's and open_clip's transforms.

    >>> resized(250, 300, Preprocess(size=(224, 224)))
    (224, 268)
    >>> resized(250, 300, Preprocess(size=(224, 224), resize_mode="longest"))
    (187, 224)
    """
    tall, wide = (math.floor(side / pre.crop_pct) for side in pre.size)
    if pre.resize_mode == "squash":
        return tall, wide
    if pre.resize_mode == "shortest" and tall == wide:
        short, long = sorted((height, width))
        other = int(tall * long / short)
        return (tall, other) if height <= width else (other, tall)
    pick = max if pre.resize_mode == "longest" else min
    ratio = pick(height / tall, width / wide)
    return round(height / ratio), round(width / ratio)


def exact(encoded: bytes, pre: Preprocess) -> np.ndarray:
    """Return uint8 pixels, shape (3, height, width), as open_clip's transform makes them."""
    with Image.open(BytesIO(encoded)) as picture:
        return _finish_pillow(picture, pre)


def fast(encoded: bytes, pre: Preprocess) -> np.ndarray:
    """Return uint8 pixels, shape (3, height, width), decoded and resized by torch."""
    import torch

    pixels = _decoded(encoded)
    if pixels is None:
        with Image.open(BytesIO(encoded)) as picture:
            pixels = torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1)
    if pre.interpolation not in FAST_INTERPOLATIONS:
        return _finish_pillow(Image.fromarray(pixels.permute(1, 2, 0).numpy()), pre)
    height, width = pixels.shape[1:]
    size = resized(height, width, pre)
    for step in _passes((height, width), size):
        pixels = torch.nn.functional.interpolate(
            pixels[None], step, mode=pre.interpolation, antialias=True
        )[0]
    return _fit(pixels.numpy(), pre)


#: Name of a variant -> function of (encoded picture, Preprocess) -> uint8 (3, height, width).
VARIANTS = {"exact": exact, "fast": fast}


def batch(encoded: Sequence[bytes], pre: Preprocess, variant: str = "fast") -> np.ndarray:
    """Return the pixels of several pictures: uint8, shape (n, 3, height, width).

    Raises `UserError` for bytes that are no picture.
    """
    prepare = VARIANTS[variant]
    pixels = np.empty((len(encoded), 3, *pre.size), np.uint8)
    for row, picture in enumerate(encoded):
        try:
            pixels[row] = prepare(picture, pre)
        except (OSError, RuntimeError) as error:
            raise UserError(
                f"Picture {row} of a batch can't be decoded ({error}): the table of faces is"
                " damaged; delete it and run again."
            ) from error
    return pixels


def normalise(pixels: "torch.Tensor", pre: Preprocess) -> "torch.Tensor":
    """Return uint8 pixels (n, 3, height, width) as float32 with the model's mean and deviation."""
    import torch

    def a_channel(values: Sequence[float]) -> "torch.Tensor":
        return torch.tensor(values, dtype=torch.float32, device=pixels.device).view(1, -1, 1, 1)

    scaled = pixels.to(torch.float32).div_(255)
    return scaled.sub_(a_channel(pre.mean)).div_(a_channel(pre.std))


def _passes(old: tuple[int, int], new: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the sizes to go through from `old` to `new`, so that both libraries round alike.

    Both resize along one axis after the other and round to 8 bits in between: torch always along
    the rows first, Pillow along the columns where the height shrinks by far more than the width.
    """
    shrunk = [before - after for before, after in zip(old, new, strict=True)]
    if shrunk[0] > max(0, 2 * shrunk[1]) and shrunk[1] != 0:
        return [(new[0], old[1]), new]
    return [new] if any(shrunk) else []


def _decoded(encoded: bytes) -> "torch.Tensor | None":
    """Return RGB pixels by torchvision's decoders, or None where Pillow should do it.

    Pillow's rules for palettes, transparency, CMYK and 16 bits are kept by leaving those to it.
    """
    import torch

    if not (encoded.startswith(b"\xff\xd8") or _is_plain_png(encoded)):
        return None
    buffer = torch.frombuffer(bytearray(encoded), dtype=torch.uint8)
    try:
        pixels = _decoder()(buffer)
    except RuntimeError:
        return None
    if pixels.dtype != torch.uint8 or pixels.shape[0] not in (1, 3):
        return None
    return pixels if pixels.shape[0] == 3 else pixels.expand(3, -1, -1).contiguous()


@cache
def _decoder() -> "Callable[[torch.Tensor], torch.Tensor]":
    """Return torchvision's decoder of JPEG and PNG."""
    with loading():
        from torchvision.io import ImageReadMode, decode_image

    return partial(decode_image, mode=ImageReadMode.UNCHANGED)


def _is_plain_png(encoded: bytes) -> bool:
    """Return whether this is a PNG of 8-bit grey or RGB: the bytes for depth and colour say so."""
    return encoded.startswith(b"\x89PNG") and encoded[24:26] in (b"\x08\x00", b"\x08\x02")


def _finish_pillow(picture: Image.Image, pre: Preprocess) -> np.ndarray:
    """Resize in the picture's own mode, then convert: the order of open_clip's transform."""
    size = resized(picture.height, picture.width, pre)
    if size != (picture.height, picture.width):
        resample = Image.Resampling[pre.interpolation.upper()]
        picture = picture.resize(size[::-1], resample)
    return _fit(np.asarray(picture.convert("RGB")).transpose(2, 0, 1), pre)


def _fit(pixels: np.ndarray, pre: Preprocess) -> np.ndarray:
    """Return the middle of `pixels` (3, h, w) in the model's size, padded where it is smaller."""
    for axis, side in zip((1, 2), pre.size, strict=True):
        spare = side - pixels.shape[axis]
        if spare > 0:
            shape = list(pixels.shape)
            shape[axis] = side
            padded = np.broadcast_to(np.array(pre.fill, np.uint8).reshape(3, 1, 1), shape).copy()
            before = slice(spare // 2, spare // 2 + pixels.shape[axis])
            padded[(slice(None),) * axis + (before,)] = pixels
            pixels = padded
        elif spare < 0:
            first = int(round(-spare / 2.0))
            pixels = pixels[(slice(None),) * axis + (slice(first, first + side),)]
    return pixels
