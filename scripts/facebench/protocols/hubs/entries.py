"""Vectors that come first for many searches. No picture needs to have such a vector.

From the index alone, the middle of what is stored; from a sample of searches, the direction that
is best for them, which no picture can do much better than. Sums are rounded, so that vectors don't
depend on the number of threads.
"""

import numpy as np

from facebench.protocols.scores import scores

#: Directions that the search for the best one starts from, beside the mean; and its steps.
STARTS, STEPS = 4, 60


def unit(rows: np.ndarray) -> np.ndarray:
    """Return rows of length 1, float64; zeros stay zeros."""
    rows = np.asarray(rows, float)
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)


def random_directions(many: int, dim: int, seed: int) -> np.ndarray:
    """Return the control: unit vectors of random direction, float32 (many, dim)."""
    return unit(np.random.default_rng(seed).standard_normal((many, dim))).astype(np.float32)


def centroids(entries: np.ndarray, many: int, seed: int, rounds: int = 30) -> np.ndarray:
    """Return the means of `many` clusters of the entries, as unit rows: float32 (many, d).

    entries: float32 (g, d), unit rows, at least `many`. Spherical k-means (Dhillon and Modha,
    "Concept decompositions for large sparse text data using clustering", 2001) from entries drawn
    at random; of one cluster, the mean of all.

    >>> centroids(np.eye(2, dtype=np.float32), many=1, seed=0).round(3)
    array([[0.707, 0.707]], dtype=float32)
    """
    drawn = np.random.default_rng(seed).permutation(len(entries))[:many]
    centres = unit(entries[drawn])
    cluster = np.full(len(entries), -1)
    for _ in range(rounds):
        nearest = scores(entries, centres).argmax(axis=1)
        if (nearest == cluster).all():
            break
        cluster = nearest
        sums = np.zeros_like(centres)
        np.add.at(sums, cluster, entries)
        # A cluster that lost its last entry stays where it was.
        filled = np.linalg.norm(sums, axis=1) > 1e-9
        centres[filled] = unit(sums[filled])
    return centres.astype(np.float32)


def optimised(searches: np.ndarray, limits: np.ndarray, many: int, seed: int) -> np.ndarray:
    """Return vectors that come first for as many of some searches as possible: float32 (many, d).

    searches: float32 (n, d), unit rows, n > 0; limits: float64 (n,), the best score of each in the
    index. One vector after the other, each for the searches that those before it don't win (all
    again, once they win all): smaller sets are the first rows of larger ones.

    >>> optimised(np.eye(2, dtype=np.float32), limits=np.array([0.6, 0.6]), many=1, seed=0).round(1)
    array([[0.7, 0.7]], dtype=float32)
    """
    random = np.random.default_rng(seed)
    left = np.ones(len(searches), bool)
    found = np.zeros((many, searches.shape[1]), np.float32)
    for row in found:
        if not left.any():
            left[:] = True
        row[:] = best_direction(searches[left], limits[left], random)
        left &= scores(searches, row[None])[:, 0] <= limits
    return found


def best_direction(
    searches: np.ndarray, limits: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Return a unit vector, float64 (d,), that beats as many `limits` (n,) as can be found.

    Projected gradient on the sphere, from the mean of the searches and from some of them, along
    the number of searches won, made smooth by a sigmoid that becomes steeper. The best vector of
    all steps is taken, so none is worse than its start.
    """
    some = random.permutation(len(searches))[:STARTS]
    at = unit(np.concatenate([searches.mean(axis=0, dtype=float)[None], searches[some]]))
    best, most = at[0], -np.inf
    scale = np.zeros(len(at))
    for step in range(STEPS):
        done = step / (STEPS - 1)
        ahead = scores(searches, at.astype(np.float32)) - limits[:, None]
        scale = np.abs(ahead).mean(axis=0) if not step else scale
        steep = np.maximum(scale * 0.05**done, 1e-9)
        won = 1 / (1 + np.exp(-np.clip(ahead / steep, -50, 50)))
        # Searches that are won count, then how nearly the others are.
        value = np.count_nonzero(ahead > 0, axis=0) + won.mean(axis=0) / 2
        if value.max() > most:
            best, most = at[value.argmax()].copy(), float(value.max())
        slope = scores((won * (1 - won)).T, searches.T)
        at = unit(at + 0.5 * 0.05**done * unit(slope))
    return best
