"""Picture files as pixels: upright, RGB, 8 bits, from any format."""

from pathlib import Path

import numpy as np
from PIL import Image

from facebench.pictures.depth import bits_of, check_colours, eight_bits
from facebench.pictures.faults import why_unreadable
from facebench.pictures.files import source

EXIF_ORIENTATION = 0x0112

#: Among orientations: the one that a file itself gives.
AS_IT_SAYS = 0

#: What makes a picture upright, by its EXIF orientation; 1 is upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_picture(path: str | Path) -> np.ndarray:
    """Return the upright pixels of a picture file: uint8 RGB, shape (height, width, 3).

    Raises `Unreadable`, or whatever Pillow raises, for a file that it can't read: see
    `facebench.pictures.faults.why_unreadable`.
    """
    with Image.open(source(path)) as file:
        return pixels_of(file)


def pixels_of(image: Image.Image) -> np.ndarray:
    """Return the upright pixels of an open picture: uint8 RGB, shape (height, width, 3).

    Turned as its EXIF data say; transparent parts are white; of several frames the first. Other
    than 8 bits are scaled as `facebench.pictures.depth` says. Raises `Unreadable`, or what Pillow
    raises for a picture that is damaged or cut short.
    """
    return np.asarray(turned(_decoded(image), orientation(image)))


def read_ways(path: str | Path, other: int) -> dict[int, np.ndarray]:
    """Return the pixels of a picture file in each way that it may lie, first as it says itself.

    The keys are `AS_IT_SAYS`, then EXIF orientations: 1 for pixels that are upright although the
    file says they aren't, and `other`, in case the file has lost that. Raises as `read_picture`.
    """
    with Image.open(source(path)) as file:
        picture = _decoded(file)
        own = orientation(file)
    ways = {AS_IT_SAYS: np.asarray(turned(picture, own))}
    for way in {1, other} - {own}:
        ways[way] = np.asarray(turned(picture, way))
    return ways


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation of an open picture, 1 to 8; 1 where it has none."""
    try:
        value = image.getexif().get(EXIF_ORIENTATION, 1)
    except Exception as error:
        why_unreadable(error, getattr(image, "filename", ""))  # goes on if it is the file's fault
        return 1  # damaged EXIF data is no reason to refuse a picture
    return value if value in TURNS else 1


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Return a picture with this EXIF orientation the right way up.

    >>> turned(Image.new("RGB", (20, 10)), 6).size, turned(Image.new("RGB", (20, 10)), 1).size
    ((10, 20), (20, 10))
    """
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def is_invisible(image: Image.Image) -> bool:
    """Return whether all of a decoded picture is transparent."""
    if not image.has_transparency_data:
        return False
    return image.convert("RGBA").getchannel("A").getextrema()[1] == 0


def is_plain(path: str | Path) -> bool:
    """Return whether every program decodes a file alike: an upright JPEG or PNG of 8-bit RGB."""
    with Image.open(source(path)) as file:
        return (
            file.format in ("JPEG", "PNG")
            and file.mode == "RGB"
            and not file.has_transparency_data
            and getattr(file, "n_frames", 1) == 1
            and orientation(file) == 1
            and not bits_of(file)
        )


def _decoded(image: Image.Image) -> Image.Image:
    """Return a picture decoded completely, as RGB of 8 bits on white, as it lies in the file."""
    bits = bits_of(image)
    image.load()
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(eight_bits(np.asarray(image), bits)).convert("RGB")
    if bits:
        check_colours(image)
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
