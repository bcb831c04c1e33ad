"""Area under the curve and equal error rate, from counts of scores in ascending bins."""

import numpy as np


def rates(right: np.ndarray, wrong: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (false accepts, true accepts) as shares, at every bin's lower edge and above them all.

    right, wrong: weights of the pairs of one person and of two, (..., bins), in ascending bins of
    score. Both results: float64 (..., bins + 1), ascending from 0 to 1.
    """

    def share(counts: np.ndarray) -> np.ndarray:
        above = np.cumsum(counts[..., ::-1], axis=-1, dtype=float)
        zero = np.zeros((*above.shape[:-1], 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.concatenate([zero, above], axis=-1) / above[..., -1:]

    return share(wrong), share(right)


def auc(right: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """Return the chance that a pair of one person scores higher than one of two; ties count half.

    Shapes as for `rates`; NaN where there is no pair of either kind.

    >>> auc(np.array([0, 1, 1]), np.array([2, 1, 0])).item()
    0.9166666666666667
    """
    false, true = rates(right, wrong)
    return np.sum(np.diff(false, axis=-1) * (true[..., 1:] + true[..., :-1]) / 2, axis=-1)


def eer(right: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """Return the error where false accepts equal false rejects, the curve joined by straight lines.

    Shapes as for `rates`; NaN where there is no pair of either kind.

    >>> eer(np.array([1, 0, 3]), np.array([3, 0, 1])).item()
    0.25
    """
    false, true = rates(right, wrong)
    excess = false + true - 1  # ascends from -1 to 1
    after = np.argmax(excess >= 0, axis=-1)[..., None]
    high, low = (np.take_along_axis(excess, i, axis=-1) for i in (after, after - 1))
    start, end = (np.take_along_axis(false, i, axis=-1) for i in (after - 1, after))
    return (start + (end - start) * low / (low - high))[..., 0]
