"""Unit rows in clusters, as vectors of faces are: pictures of people, people in groups."""

import numpy as np

#: Rows made at a time.
BLOCK = 2**16


def clustered(
    *, people: int, each: int, dim: int, groups: int, seed: int = 0, noise: float = 0.4
) -> np.ndarray:
    """Return `each` rows of each of `people`, one person after the other: float32 (n, d).

    Directions are unequal, the n-th with a variance of 1/n; everybody has a part in common, and
    every person belongs to one of `groups`, from whose mean they are as far as a picture is `noise`
    times from its person's.

    >>> rows = clustered(people=50, each=4, dim=32, groups=5)
    >>> rows.shape, float(np.linalg.norm(rows, axis=1).max().round(3))
    ((200, 32), 1.0)
    """
    random = np.random.default_rng(seed)
    scale = (1 / np.sqrt(np.arange(1, dim + 1))).astype(np.float32)

    def drawn(count: int) -> np.ndarray:
        return random.standard_normal((count, dim), np.float32) * scale

    middle, centres = drawn(1), drawn(groups)
    who = middle / 2 + centres[random.integers(0, groups, people)] + drawn(people)
    rows = np.repeat(who, each, axis=0)
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]
        some += noise * drawn(len(some))
        some /= np.linalg.norm(some, axis=1, keepdims=True)
    return rows
