"""Controls: changes of a given size that aim at nobody."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.distortion import l2
from facebench.attacks.seeds import chance


def noise(
    subjects: Sequence[Subject], context: Context, linf: int, l2: float | None = None
) -> list[Attacked]:
    """Add `linf` or take it away, at random for every value: the largest noise of its L-infinity.

    With a root mean square `l2`, only for a share (l2 / linf)^2 of the values, drawn at random.
    Values that would leave 0 to 255 go the other way, so that none is spared.
    """
    share = 1.0 if l2 is None else min(1.0, (l2 / linf) ** 2)
    return [Attacked(_noisy(subject, context.seed, linf, share)) for subject in subjects]


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


def _noisy(subject: Subject, seed: int, linf: int, share: float) -> np.ndarray:
    pixels = subject.pixels.astype(np.int16)
    rng = chance(seed, "noise", subject.image_id)
    signs = rng.integers(0, 2, pixels.shape) * 2 - 1
    signs *= rng.random(pixels.shape) < share
    noisy = pixels + signs * linf
    outside = (noisy < 0) | (noisy > 255)
    return np.where(outside, pixels - signs * linf, noisy).clip(0, 255).astype(np.uint8)


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
