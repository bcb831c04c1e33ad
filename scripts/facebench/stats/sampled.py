"""p-values from random draws, where there are too many cases to go through all of them."""

from collections.abc import Callable

import numpy as np

#: Draws of a first try, and of a second where the first says less than `CLEAR`.
DRAWS = (1_999, 99_999)
CLEAR = 0.1
#: Sums that differ by less are equal: they were added in another order.
TIE = 1e-7


def sampled_p(
    seen: float, draw: Callable[[np.random.Generator, int], np.ndarray], seed: int
) -> float:
    """Return (1 + hits) / (1 + draws): how often a draw is at least `seen`, which counts as one.

    draw: gives as many numbers, float (n,), as it is asked for. With it a p-value is never 0, and
    never too small on average (Phipson and Smyth, "Permutation p-values should never be zero",
    2010).

    >>> round(sampled_p(0.7, lambda random, draws: random.random(draws), seed=0), 1)
    0.3
    """
    random = np.random.default_rng(seed)
    p = 1.0
    for draws in DRAWS:
        hits = np.count_nonzero(draw(random, draws) >= seen - TIE)
        p = float((1 + hits) / (1 + draws))
        if p > CLEAR:
            break
    return p
