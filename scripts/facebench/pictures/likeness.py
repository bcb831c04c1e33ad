"""Whether two pictures are the same: exactly, by their pixels, or nearly, by what they show."""

import hashlib

import numpy as np
from PIL import Image

#: Fields across and down whose brightness is compared: 64 comparisons.
FIELDS = (9, 8)


def pixel_hash(pixels: np.ndarray) -> str:
    """Return a hash of upright uint8 RGB pixels and their size: 16 hexadecimal digits.

    It is the same for the same pixels in files of other formats, or with other metadata.
    """
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels))
    return digest.hexdigest()[:16]


def look(pixels: np.ndarray) -> str:
    """Return what a picture shows, roughly: 64 bits as 16 hexadecimal digits.

    A bit says whether one of 9 x 8 fields is brighter than the one to its left ("difference hash").
    A picture that was saved again or shrunk has nearly the same bits.

    >>> look(np.zeros((20, 20, 3), np.uint8))
    '0000000000000000'
    """
    grey = Image.fromarray(pixels).convert("L")
    small = grey.resize(FIELDS, Image.Resampling.BOX, reducing_gap=2.0)
    levels = np.asarray(small).astype(np.int16)
    return np.packbits(levels[:, 1:] > levels[:, :-1]).tobytes().hex()


def differences(look: str, others: np.ndarray) -> np.ndarray:
    """Return in how many bits each of the `others` (uint64) differs from a `look`.

    >>> differences("00000000000000ff", np.array([0, 255, 511], np.uint64)).tolist()
    [8, 0, 1]
    """
    return np.bitwise_count(others ^ np.uint64(int(look, 16)))
