"""Looking for hubs in an index, and refusing them at its door.

The scan of an index: among the first k of how many lists each entry is, against what is usual there
(HubScan, "HubScan: detecting hubness poisoning in retrieval-augmented generation systems", 2026).
The gate judges every newcomer alone, by the lists of sentinel searches that it would enter.
"""

import numpy as np

#: What makes the median absolute deviation, and the mean one, a standard deviation of a normal one.
MEDIAN_DEVIATION, MEAN_DEVIATION = 1.4826, 1.2533


def robust_z(counts: np.ndarray) -> np.ndarray:
    """Return how far counts (g,) are above their median, in robust standard deviations.

    Where more than half are equal, their median deviation is 0, and the mean one stands for it
    (Iglewicz and Hoaglin, "How to detect and handle outliers", 1993); all equal are 0.

    >>> robust_z(np.array([1, 2, 3, 30])).round(2)
    array([-1.01, -0.34,  0.34, 18.55])
    >>> robust_z(np.array([0, 0, 0, 4])).round(2)
    array([0.  , 0.  , 0.  , 3.19])
    """
    away = counts - np.median(counts) if len(counts) else np.zeros(0)
    size = np.abs(away)
    spread = MEDIAN_DEVIATION * np.median(size) if len(size) else 0.0
    spread = spread or (MEAN_DEVIATION * size.mean() if len(size) else 0.0)
    return away / spread if spread else np.zeros(len(away))


def allowed(budget: float, size: int) -> int:
    """Return how many alerts a budget is, a share of the entries, rounded down.

    >>> allowed(0.01, 650), allowed(0.01, 99)
    (6, 0)
    """
    return int(np.floor(budget * size + 1e-9))


def alerts(z: np.ndarray, budget: float) -> np.ndarray:
    """Return which entries are looked at: the highest z within the budget, bool (g,).

    Of equals the older ones; none that is not above the median.

    >>> alerts(np.array([0.0, 3.0, 0.0, 3.0]), budget=0.25)
    array([False,  True, False, False])
    """
    chosen = np.zeros(len(z), bool)
    highest = np.argsort(-z, kind="stable")[: allowed(budget, len(z))]
    chosen[highest[z[highest] > 0]] = True
    return chosen


def threshold(counts: np.ndarray, refused: float) -> int:
    """Return the smallest count above which at most the share `refused` of clean entries is.

    counts: int (g,), g > 0, in how many sentinel lists each of them is.

    >>> threshold(np.arange(100), refused=0.01), threshold(np.zeros(9, int), refused=0.01)
    (98, 0)
    """
    ordered = np.sort(counts)
    return int(ordered[max(len(ordered) - 1 - allowed(refused, len(ordered)), 0)])


def entered(limits: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Return how many sentinel lists each newcomer would enter if it came alone: int64 (m,).

    limits: float64 (n,), the score at the last place of each list (`Lists.last`); added: the
    newcomers' scores, float64 (n, m).

    >>> entered(np.array([0.5, 0.9]), np.array([[0.6, 0.4], [0.95, 0.9]]))
    array([2, 0])
    """
    return np.count_nonzero(added > limits[:, None], axis=0)
