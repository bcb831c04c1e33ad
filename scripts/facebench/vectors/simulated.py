"""Vectors of strangers who don't exist: drawn from a model of the vectors of real ones.

The model is one normal distribution, projected to unit length. What it says of the nearest of many
strangers is only as good as its tail: where there are real strangers, compare the two.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Distribution(NamedTuple):
    """A normal distribution of vectors of d numbers."""

    #: float64 (d,) and (d, d): the covariance is `spread` times its transpose.
    mean: np.ndarray
    spread: np.ndarray
    #: Share of the covariance that is the same in all directions, from 0 to 1.
    shrinkage: float


def fitted(vectors: np.ndarray) -> Distribution:
    """Return the normal distribution of some vectors, float (n, d).

    The covariance is shrunk towards equal variance in all directions, as far as brings it nearest
    to the true one (the oracle approximating shrinkage of Chen and others, "Shrinkage algorithms
    for MMSE covariance estimation", 2010): from few vectors, it would have no rank otherwise.

    >>> model = fitted(np.random.default_rng(0).normal(size=(500, 3)) * [1, 1, 2])
    >>> (model.spread @ model.spread.T).diagonal().round(1)
    array([1. , 0.9, 4.1])
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
    return Distribution(mean, directions * np.sqrt(np.maximum(values, 0)), float(shrinkage))


def blocks(model: Distribution, count: int, size: int, seed: int) -> Iterator[np.ndarray]:
    """Yield `count` blocks of `size` simulated unit rows each: float32 (size, d).

    A block depends on the model, the seed and its number alone.
    """
    spread, mean = model.spread.T.astype(np.float32), model.mean.astype(np.float32)
    for number in range(count):
        random = np.random.default_rng([seed, number])
        rows = random.standard_normal((size, len(mean)), dtype=np.float32) @ spread + mean
        yield rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
