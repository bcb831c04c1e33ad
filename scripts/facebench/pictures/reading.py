"""Picture files as pixels: upright, RGB, 8 bits, from any format."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

EXIF_ORIENTATION = 0x0112


def read_picture(path: str | Path) -> np.ndarray:
    """Return the upright pixels of a picture file: uint8 RGB, shape (height, width, 3).

    Turned as its EXIF data say; transparent parts are white; of 16 bits, the upper 8 count; of
    several frames, the first. Raises whatever Pillow raises for a file that it can't read.
    """
    with Image.open(path) as file:
        return pixels_of(file)


def pixels_of(image: Image.Image) -> np.ndarray:
    """Return what `read_picture` does, of a file that Pillow has opened."""
    picture = upright(image)
    if picture.mode.startswith("I"):
        picture = Image.fromarray(_eight_bits(np.asarray(picture)))
    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    return np.asarray(picture.convert("RGB"))


def upright(image: Image.Image) -> Image.Image:
    """Return `image` decoded completely (of several frames the first) and the right way up.

    Raises what Pillow raises for a picture that is damaged or cut short.
    """
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image  # damaged EXIF data is no reason to refuse a picture


def is_plain(path: str | Path) -> bool:
    """Return whether every program decodes a file alike: an upright JPEG or PNG of 8-bit RGB."""
    with Image.open(path) as file:
        return (
            file.format in ("JPEG", "PNG")
            and file.mode == "RGB"
            and not file.has_transparency_data
            and getattr(file, "n_frames", 1) == 1
            and file.getexif().get(EXIF_ORIENTATION, 1) == 1
            and (file.format == "JPEG" or _png_bits(path) == 8)
        )


def _eight_bits(values: np.ndarray) -> np.ndarray:
    # ASSUME integer pictures hold 16 bits, as PNG and TIFF do, unless all values are below 256.
    values = values >> 8 if values.max(initial=0) > 255 else values
    return np.clip(values, 0, 255).astype(np.uint8)


def _png_bits(path: str | Path) -> int:
    """Return the bits a channel that a PNG's header gives: Pillow shows 16 as 8."""
    with open(path, "rb") as file:
        return file.read(25)[24]
