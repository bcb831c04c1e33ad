"""Tests: could two equally good models have differed this much by chance?"""

from collections.abc import Sequence

import numpy as np

from facebench.timing import loading


def sign_flip_p(differences: np.ndarray) -> float:
    """Return the two-sided p-value that two models differ, from each person's difference.

    `differences` (people,): whole numbers, how many more of a person's pictures the first model got
    right. If the models were equally good, each person's difference could as well have the other
    sign: p is the share of all 2^people choices of signs whose sum is at least as far from zero.
    Not sampled: the distribution of the sum, whose characteristic function is the product of
    cos(difference * t), comes from one Fourier transform. Rounding makes p-values below 1e-12
    meaningless; that is the least returned.

    >>> sign_flip_p(np.array([1, 1, 1, 1, 1]))  # 2 of 32 choices
    0.0625
    >>> sign_flip_p(np.array([3, -1, -2]))
    1.0
    """
    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    if not np.all(sizes == np.round(sizes)):
        raise ValueError("sign_flip_p takes whole numbers")
    sizes = sizes.astype(np.int64)
    reach = int(np.sum(sizes * counts))
    angles = 2 * np.pi * np.arange(2 * reach + 1) / (2 * reach + 1)
    wave = np.ones(2 * reach + 1)
    for size, count in zip(sizes, counts, strict=True):
        wave *= np.cos(size * angles) ** count
    chance = np.fft.ifft(wave).real  # index s: chance that the sum is s, negative s at the end
    seen = abs(int(np.sum(differences)))
    p = chance.sum() if seen == 0 else 2 * chance[seen : reach + 1].sum()
    return float(np.clip(round(p, 13), 1e-12, 1))


def normal_p(difference: float, variance: float) -> float:
    """Return the two-sided p-value of a difference with a normal error.

    >>> round(normal_p(1.96, 1.0), 3), normal_p(0.0, 0.0), normal_p(1.0, 0.0)
    (0.05, 1.0, 1e-12)
    """
    with loading():
        from scipy.special import ndtr

    if difference == 0:
        return 1.0
    if variance <= 0:
        return 1e-12  # one model right and the other wrong, every time
    return float(max(2 * ndtr(-abs(difference) / np.sqrt(variance)), 1e-12))


def student_p(difference: float, variance: float, freedom: float) -> float:
    """Return the two-sided p-value of a difference by Student's test.

    >>> round(student_p(2.0, 1.0, 10), 3), student_p(0.0, 0.0, 10), student_p(1.0, 0.0, 10)
    (0.073, 1.0, 1e-12)
    """
    with loading():
        from scipy.special import stdtr

    if difference == 0:
        return 1.0
    if variance <= 0:
        return 1e-12
    return float(max(2 * stdtr(freedom, -abs(difference) / np.sqrt(variance)), 1e-12))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Return the p-values corrected for their number (Holm's step-down method).

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, float)
    order = np.argsort(values)
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty_like(steps)
    corrected[order] = np.minimum(steps, 1)
    return corrected
