"""Leave-one-out nearest neighbour: each picture searched among all others."""

import numpy as np


def probes(people: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Return the numbers of the pictures to search with, ascending.

    people: int (n,). Everyone with at least two pictures is searched with all of them; of more than
    `most` pictures, a random choice.

    >>> probes(np.array([3, 1, 3, 2]), most=10, seed=0)
    array([0, 2])
    """
    all_probes = np.flatnonzero(np.bincount(people)[people] > 1)
    if len(all_probes) <= most:
        return all_probes
    return np.sort(np.random.default_rng(seed).choice(all_probes, most, replace=False))
