"""Vectors of strangers who don't exist: drawn from a model of the vectors of real ones.

Each is a real one's, moved: a part of the way to the mean of all, and then in a random direction
of their normal distribution, so that mean and covariance stay. How far is found out: such that the
nearest of many simulated strangers is as near as the nearest of as many real ones who aren't in the
model. A normal distribution alone makes them too unlike everybody: faces come in kinds.
What the model says of the nearest of very many is still a guess: where there are real strangers,
compare the two.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

#: How far the vectors may be moved: 1 is a normal distribution.
WIDTHS = np.linspace(0.1, 1, 19)
#: Fewer vectors than this don't tell how far.
FEW = 60
#: Most searches, and most strangers among whom they are made, when that is found out.
SEARCHES, AMONG = 500, 5000


class Distribution(NamedTuple):
    """A distribution of vectors of d numbers."""

    #: float64 (d,) and (d, d): the covariance is `spread` times its transpose.
    mean: np.ndarray
    spread: np.ndarray
    #: Share of the covariance that is the same in all directions, from 0 to 1.
    shrinkage: float
    #: The vectors that are moved, float32 (n, d), and how far: 0 to 1.
    real: np.ndarray
    width: float


def fitted(vectors: np.ndarray, seed: int) -> Distribution:
    """Return the distribution of the vectors of some people, float (n, d), one of each.

    >>> model = fitted(np.random.default_rng(0).normal(size=(500, 3)) * [1, 1, 2], seed=0)
    >>> (model.spread @ model.spread.T).diagonal().round(1)
    array([1. , 0.9, 4.1])
    """
    real = np.asarray(vectors, np.float32)
    if len(real) < FEW:
        return normal(real)
    half, searches, others = halved(real, seed)
    nearest = (searches @ others.T).max(axis=1).mean()
    model = normal(half)
    apart = []
    for width in WIDTHS:
        made = next(blocks(model._replace(width=float(width)), 1, len(others), seed))
        apart.append(abs((searches @ made.T).max(axis=1).mean() - nearest))
    return normal(real)._replace(width=float(WIDTHS[int(np.argmin(apart))]))


def halved(vectors: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a half for a model, some to search with, and some to search among."""
    order = np.random.default_rng(seed).permutation(len(vectors))
    half, rest = np.split(vectors[order], [len(vectors) // 2])
    searches, others = np.split(rest, [min(len(rest) // 3, SEARCHES)])
    return half, searches, others[:AMONG]


def normal(vectors: np.ndarray) -> Distribution:
    """Return the normal distribution of some vectors, float32 (n, d).

    The covariance is shrunk towards equal variance in all directions, as far as brings it nearest
    to the true one (the oracle approximating shrinkage of Chen and others, "Shrinkage algorithms
    for MMSE covariance estimation", 2010): from few vectors, it would have no rank otherwise.
    """
    count, dim = vectors.shape
    mean = vectors.mean(axis=0, dtype=float)
    apart = vectors - mean
    covariance = apart.T @ apart / max(count, 1)
    scale = covariance.trace() / dim
    square = float((covariance**2).mean())
    top = square + scale**2
    bottom = (count + 1) * (square - scale**2 / dim)
    shrinkage = 1.0 if bottom <= 0 else min(top / bottom, 1.0)
    shrunk = (1 - shrinkage) * covariance + shrinkage * scale * np.eye(dim)
    values, directions = np.linalg.eigh(shrunk)
    spread = directions * np.sqrt(np.maximum(values, 0))
    return Distribution(mean, spread, float(shrinkage), vectors, width=1.0)


def blocks(model: Distribution, count: int, size: int, seed: int) -> Iterator[np.ndarray]:
    """Yield `count` blocks of `size` simulated unit rows each: float32 (size, d).

    A block depends on the model, the seed and its number alone.
    """
    mean = model.mean.astype(np.float32)
    spread = (model.width * model.spread.T).astype(np.float32)
    apart = np.float32(np.sqrt(1 - model.width**2)) * (model.real - mean)
    for number in range(count):
        random = np.random.default_rng([seed, number])
        rows = random.standard_normal((size, len(mean)), dtype=np.float32) @ spread + mean
        if model.width < 1:
            rows += apart[random.integers(0, len(apart), size)]
        yield rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
