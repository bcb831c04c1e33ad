"""Naming by text: which of many names is nearest to a picture's vector?"""

import numpy as np

from facebench.timing import loading


def averaged(embeddings: np.ndarray) -> np.ndarray:
    """Return the mean over templates of text vectors (templates, names, d), as unit rows.

    >>> averaged(np.array([[[1, 0]], [[0, 1]]], np.float32)).round(3)
    array([[0.707, 0.707]], dtype=float32)
    """
    mean = embeddings.mean(axis=0)
    return mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)


def others_means(vectors: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return for each picture the mean of all vectors of other people: float64 (n, d).

    vectors: float (n, d); people: int (n,). Of a single person's pictures, zeros.

    >>> others_means(np.array([[1.0], [2], [6]]), np.array([0, 0, 1]))
    array([[6. ],
           [6. ],
           [1.5]])
    """
    _, person, counts = np.unique(people, return_inverse=True, return_counts=True)
    own = np.zeros((len(counts), vectors.shape[1]))
    np.add.at(own, person, vectors)
    rest = len(vectors) - counts
    means = (own.sum(axis=0) - own) / np.maximum(rest, 1)[:, None]
    return np.where(rest[:, None] > 0, means, 0)[person]


def within(rank: np.ndarray, k: int, candidates: int, names: int) -> np.ndarray:
    """Return the chance that the true name is among the first k of `candidates`: float64 (n,).

    rank: its place among all `names`, inf for a picture that could not be used. The other
    candidates are drawn at random from the other names; how many of them come before the true one
    then follows the hypergeometric distribution, so this is the mean over all possible draws.

    >>> within(np.array([1, 3, np.inf]), k=1, candidates=2, names=5)  # 2 of the 4 others are ahead
    array([1. , 0.5, 0. ])
    >>> within(np.array([1, 3]), k=1, candidates=5, names=5)
    array([1., 0.])
    """
    with loading():
        from scipy.stats import hypergeom

    places, index = np.unique(rank, return_inverse=True)
    known = np.isfinite(places)
    chance = np.zeros(len(places))
    ahead = places[known].astype(np.int64) - 1
    chance[known] = hypergeom.cdf(k - 1, names - 1, ahead, candidates - 1)
    return chance[index]


def expected_rank(rank: np.ndarray, candidates: int, names: int) -> np.ndarray:
    """Return the true name's mean place among `candidates` drawn as in `within`: float64 (n,).

    >>> expected_rank(np.array([1, 3, np.inf]), candidates=3, names=5)
    array([ 1.,  2., inf])
    """
    return 1 + (rank - 1) * (candidates - 1) / max(names - 1, 1)


def median_draws(
    values: np.ndarray, person: np.ndarray, people: int, draws: int, seed: int
) -> np.ndarray:
    """Return the median of `values` (n,) in every bootstrap draw over people: float64 (draws,).

    >>> median_draws(np.array([1.0, 1, 1]), np.array([0, 1, 2]), people=3, draws=2, seed=0)
    array([1., 1.])
    """
    from facebench.stats.intervals import identity_draws

    order = np.argsort(values, kind="stable")
    values, person = values[order], person[order]
    medians = []
    for weights in identity_draws(people, draws, seed, 2**22 * people // max(len(values), 1)):
        below = np.cumsum(weights[:, person], axis=1, dtype=float)
        middle = np.count_nonzero(below < below[:, -1:] / 2, axis=1)
        medians.append(values[np.minimum(middle, len(values) - 1)])
    return np.concatenate(medians)
