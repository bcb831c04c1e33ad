"""Pictures of other than 8 bits a value, as 8 bits: by what their format says, never by a guess.

A picture that would come out black, white or flat, because its values aren't on the scale of its
format, is `Unreadable`: what scale they are on, only its maker knows.
"""

import re

import numpy as np
from PIL import Image

from facebench.pictures.faults import Unreadable

#: How Pillow calls the values of a file with more than 8 bits a channel; "BGR;16" has 5 or 6.
DEEP = re.compile(r"'(?:I|LA?|RGB[AaX]?);(12|16)[A-Z]*'")

#: The scales that fractions may be on, and how large the largest must be to tell.
FRACTIONS = ((1.0, 1 / 16), (255.0, 16.0), (65535.0, 4096.0))

#: A picture of 16 bits whose values are all below this uses 14 of them or fewer.
HALF_USED = 1 << 14

#: Fewer levels of 255 than this, and a picture of other depth was on another scale.
LEAST_CONTRAST = 16

ADVICE = "save it with 8 bits a channel"


def bits_of(image: Image.Image) -> int:
    """Return the bits a channel of a picture that isn't decoded yet: 12 or 16, 0 for others."""
    found = DEEP.search(" ".join(repr(tile) for tile in getattr(image, "tile", [])))
    return int(found[1]) if found else 0


def eight_bits(values: np.ndarray, bits: int = 0) -> np.ndarray:
    """Return numbers of any kind, shape (height, width), as uint8.

    bits: of the format, if it says so (`bits_of`). Whole numbers are on 0 to 255 if none is larger,
    else on 0 to 65535; fractions on 0 to 1, 0 to 255 or 0 to 65535. Raises `Unreadable` for all
    else, and where nothing of the picture would be left.

    >>> eight_bits(np.array([[0, 65535]])).tolist(), eight_bits(np.array([[0, 1.0]])).tolist()
    ([[0, 255]], [[0, 255]])
    """
    if not np.isfinite(values).all():
        raise Unreadable("Some of its values are no numbers (NaN or infinite).")
    whole = np.issubdtype(values.dtype, np.integer)
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if low < (0 if whole else -0.001):
        raise Unreadable(f"Some of its values are negative ({low:,.6g}): {ADVICE}.")
    if whole:
        levels = values >> _low_bits(int(high), bits)
    else:
        levels = np.rint(values * (255 / _scale(high)))
    result = np.clip(levels, 0, 255).astype(np.uint8)
    flat = int(result.max(initial=0)) - int(result.min(initial=255)) < LEAST_CONTRAST
    if flat and values.min() < high:
        raise Unreadable(f"In 8 bits it would be black, white or grey all over: {ADVICE}.")
    return result


def check_colours(image: Image.Image) -> None:
    """Raise `Unreadable` for colours of 16 bits, decoded to their upper 8, that don't use these."""
    channels = [name for name in image.getbands() if name not in "Aa"]
    if max(int(np.asarray(image.getchannel(name)).max()) for name in channels) < HALF_USED >> 8:
        raise _not_used("14 or fewer")


def _low_bits(high: int, bits: int) -> int:
    """Return how many bits of whole numbers up to `high` don't fit into 8."""
    if bits == 12 or high < 256:
        return 4 if bits == 12 else 0
    if high > 65535:
        raise Unreadable(f"Its values go up to {high:,}, more than 16 bits can say: {ADVICE}.")
    if high < HALF_USED:
        raise _not_used(f"{high.bit_length()}")
    return 8


def _scale(high: float) -> float:
    """Return what the fractions of a picture are on the scale of, from 0 on."""
    for scale, least in FRACTIONS:
        if high == 0 or least * 0.999 <= high <= scale * 1.001:
            return scale
    raise Unreadable(
        f"Its values go up to {high:,.6g}, and not to 1, 255 or 65,535, so their scale is unknown:"
        f" {ADVICE}."
    )


def _not_used(bits: str) -> Unreadable:
    return Unreadable(
        f"It uses only the lower {bits} of 16 bits, so it would be nearly black: {ADVICE}."
    )
