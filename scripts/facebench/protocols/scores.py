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
    found = probes.astype(float) @ gallery.astype(float).T
    found += ROUNDING
    found -= ROUNDING
    return found
