"""JPEGs that are about as hard to decode as photographs; needs only NumPy and Pillow."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image


def make(*, count: int, side: int = 250, seed: int = 0) -> list[bytes]:
    """Return square JPEGs of `side` pixels: coarse colours, smoothed, with a camera's noise."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (25, 25, 3), dtype=np.uint8))
        pixels = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)).astype(float)
        pixels = (pixels + rng.normal(0, 4, pixels.shape)).clip(0, 255).astype(np.uint8)
        file = BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=75)
        found.append(file.getvalue())
    return found


def write(folder: Path, pictures: list[bytes]) -> list[Path]:
    """Write pictures as files of a folder; return their paths, in the same order."""
    paths = [folder / f"{number:06}.jpg" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        path.write_bytes(picture)
    return paths
