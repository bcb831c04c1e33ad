"""Scores: inner products of unit vectors, in float64, alike for like vectors."""

import numpy as np

#: Added and taken away again: rounds a number below 1,024 to a multiple of 2^-41 (4.5e-13).
ROUNDING = 1.5 * 2.0**12


def scores(probes: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Return all inner products, float64 (n, m), to 12 decimals.

    probes: float (n, d); gallery: float (m, d). The sums are made in float64: models that aren't
    centred give scores that differ by less than float32 resolves. The last bits of a matrix product
    depend on its shape, so they are rounded away: equal vectors get equal scores.

    >>> scores(np.array([[1, 0]], np.float32), np.array([[0.6, 0.8]], np.float32)).round(6)
    array([[0.6]])
    """
    return _rounded(probes.astype(float) @ gallery.astype(float).T)


def with_itself(vectors: np.ndarray) -> np.ndarray:
    """Return the inner product of each vector with itself, float64 (n,), as `scores` gives it.

    It is 1 but for the rounding of the vectors, and that of an equal vector.

    >>> some = np.array([[0.6, 0.8], [0.28, 0.96]], np.float32)
    >>> bool((with_itself(some) == scores(some, some).diagonal()).all())
    True
    """
    return _rounded(np.einsum("nd,nd->n", vectors, vectors, dtype=float))


def _rounded(found: np.ndarray) -> np.ndarray:
    found += ROUNDING
    found -= ROUNDING
    return found
