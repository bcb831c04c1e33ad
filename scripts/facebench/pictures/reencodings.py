"""Saving pictures again, as services and users do: `REENCODINGS[kind](pixels, **options)`.

Pictures are uint8 RGB (height, width, 3) and keep their size.
"""

from collections.abc import Callable, Mapping
from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Return the picture as a JPEG of this quality (Pillow's, colour at half resolution) shows it.

    >>> flat = np.full((8, 8, 3), 128, np.uint8)
    >>> bool((jpeg(flat, 75) == flat).all())
    True
    """
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))


def resize(pixels: np.ndarray, factor: float) -> np.ndarray:
    """Return the picture resized by `factor` and back, bicubically with antialiasing."""
    picture = Image.fromarray(pixels)
    width, height = (max(1, round(side * factor)) for side in picture.size)
    small = picture.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(small.resize(picture.size, Image.Resampling.BICUBIC))


def screenshot(pixels: np.ndarray, crop: float, factor: float, quality: int) -> np.ndarray:
    """Return the picture as a screenshot of it.

    A share `crop` of the size is lost at every edge, the rest is shown resized by `factor`
    (bilinearly, as browsers do), saved as a JPEG, and resized to the size that it had.
    """
    picture = Image.fromarray(pixels)
    width, height = picture.size
    left, top = round(width * crop), round(height * crop)
    box = (left, top, max(width - left, left + 1), max(height - top, top + 1))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    shown = picture.resize(size, Image.Resampling.BILINEAR, box=box)
    saved = Image.fromarray(jpeg(np.asarray(shown), quality))
    return np.asarray(saved.resize(picture.size, Image.Resampling.BICUBIC))


def blur(pixels: np.ndarray, sigma: float) -> np.ndarray:
    """Return the picture blurred by `sigma` pixels."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))


def purifier(pixels: np.ndarray, weights: str) -> np.ndarray:
    """Return the picture as a network leaves it that was trained to take cloaks out."""
    from facebench.pictures.purifier import purified

    return purified(pixels, weights)


REENCODINGS: Mapping[str, Callable[..., np.ndarray]] = {
    "jpeg": jpeg,
    "resize": resize,
    "screenshot": screenshot,
    "blur": blur,
    "purifier": purifier,
}
