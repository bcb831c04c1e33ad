"""Controls: changes of a given size that aim at nobody."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow.parquet as pq
from PIL import Image, ImageFilter

from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.distortion import l2
from facebench.attacks.seeds import chance
from facebench.store.damage import undamaged


def noise(
    subjects: Sequence[Subject],
    context: Context,
    linf: int,
    l2: float | None = None,
    like: str | None = None,
) -> list[Attacked]:
    """Add `linf` or take it away, at random for every value: the largest noise of its L-infinity.

    With a root mean square `l2`, only for a share (l2 / linf)^2 of the values, drawn at random.
    With `like`, the name of another attack, each picture gets noise of the root mean square that
    this attack left on it, whatever `linf` and `l2`; where it left none, it is `not attacked`.
    Values that would leave 0 to 255 go the other way, so that none is spared.
    """
    if like is not None:
        left = sizes(context.place["like"])
        return [
            _as_large(subject, context.seed, left.get(subject.path), like) for subject in subjects
        ]
    share = 1.0 if l2 is None else min(1.0, (l2 / linf) ** 2)
    return [Attacked(_noisy(subject, context.seed, 0, linf, share)) for subject in subjects]


@cache
def sizes(faces: str) -> dict[str, float]:
    """Return the root mean square of the change of every picture that an attack changed, by path.

    faces: the table of the attack's faces in one crop. 0 where no pixel differs.
    """
    with undamaged(faces):
        table = pq.read_table(faces, columns=["path", "l2"]).to_pylist()
    return {row["path"]: float(row["l2"]) for row in table if row["l2"] is not None}


def _as_large(subject: Subject, seed: int, size: float | None, like: str) -> Attacked:
    """Return a picture with noise of the root mean square `size`, as even as whole numbers allow.

    Every value is changed by the whole number below `size` or the one above it. An attack changes
    some value by as much at least, so the noise is within the attack's largest change, too.
    """
    if size is None:
        return Attacked(None, "not attacked", f"There is no picture of {like} to be as large as.")
    low = int(size)
    share = (size**2 - low**2) / (2 * low + 1)
    return Attacked(_noisy(subject, seed, low, low + 1, share))


def blur(
    subjects: Sequence[Subject], context: Context, l2: float, sigma: float | None = None
) -> list[Attacked]:
    """Blur by `sigma` pixels, or else until the root mean square of the change is `l2` (0-255).

    The search comes within 2 % of 8 or more; smaller changes depend on rounding to 8 bits. A
    picture too plain to be changed so much `failed to cloak`.
    """
    if sigma is not None:
        return [Attacked(_blurred(subject.pixels, sigma)) for subject in subjects]
    return [_blurred_by(subject.pixels, l2) for subject in subjects]


def _noisy(subject: Subject, seed: int, low: int, high: int, share: float) -> np.ndarray:
    """Return a picture of which a share of the values is changed by `high`, all others by `low`."""
    pixels = subject.pixels.astype(np.int16)
    rng = chance(seed, "noise", subject.image_id)
    change = rng.integers(0, 2, pixels.shape) * 2 - 1
    change *= np.where(rng.random(pixels.shape) < share, high, low)
    noisy = pixels + change
    outside = (noisy < 0) | (noisy > 255)
    return np.where(outside, pixels - change, noisy).clip(0, 255).astype(np.uint8)


def _blurred(pixels: np.ndarray, sigma: float) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))


def _blurred_by(pixels: np.ndarray, size: float) -> Attacked:
    small, large = 0.0, float(max(pixels.shape))
    best = _blurred(pixels, large)
    if l2(pixels, best) < size:
        reason = f"However it is blurred, it changes by less than {size:g}: it is too plain."
        return Attacked(best, "failed to cloak", reason)
    nearest = np.inf
    for _ in range(24):
        sigma = (small + large) / 2
        blurred = _blurred(pixels, sigma)
        off = l2(pixels, blurred) / size - 1
        if abs(off) < nearest:
            best, nearest = blurred, abs(off)
        if nearest < 0.02:
            break
        small, large = (sigma, large) if off < 0 else (small, sigma)
    return Attacked(best)
