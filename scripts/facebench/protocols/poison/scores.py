"""Cosines that depend on the two vectors alone, to the last bit.

A matrix product adds in an order that depends on its shape, so the same two vectors get other last
bits in another product. Rounding these away would also round away the differences between scores
that all lie in a narrow cone. Here vectors are whole multiples of 2^-32 (a float32 of at least 2^-8
is one already), and one factor is divided into a coarse and a fine part. Products with a part, and
their sums, are whole numbers of fewer than 53 bits, which float64 adds without an error in any
order. A cosine is off by about 1e-10; the rounding of float32 vectors has moved it by more.
"""

from dataclasses import dataclass

import numpy as np

#: Binary places of a vector, and of its coarse part.
PLACES, COARSE_PLACES = 32, 20


@dataclass(frozen=True)
class Vectors:
    """Unit vectors as the sum of two parts: float64 (..., d) each."""

    coarse: np.ndarray
    fine: np.ndarray

    @property
    def whole(self) -> np.ndarray:
        """The vectors: float64 (..., d)."""
        return self.coarse + self.fine


def rounded(vectors: np.ndarray, places: int = PLACES) -> np.ndarray:
    """Return numbers between -1 and 1 rounded to that many binary places: float64.

    >>> rounded(np.array([0.3]), 2)
    array([0.25])
    """
    # A float64 of this size has just these places: adding it rounds, taking it away is exact.
    large = 1.5 * 2.0 ** (52 - places)
    numbers = vectors + large
    numbers -= large
    return numbers


def exact(vectors: np.ndarray) -> Vectors:
    """Return unit vectors, float (..., d), in two parts."""
    fine = rounded(np.asarray(vectors, float))
    coarse = rounded(fine, COARSE_PLACES)
    fine -= coarse
    return Vectors(coarse, fine)


def cosines(probes: np.ndarray, gallery: Vectors) -> np.ndarray:
    """Return the cosines of `probes`, rounded (p, d), and a gallery (g, d): float64 (p, g).

    >>> pair = exact(np.float32([[0.6, 0.8], [0.28, 0.96]]))
    >>> table = cosines(pair.whole, pair)
    >>> bool(table[0, 1] == table[1, 0]), table.round(6).tolist()
    (True, [[1.0, 0.936], [0.936, 1.0]])
    """
    table: np.ndarray = probes @ gallery.coarse.T
    table += probes @ gallery.fine.T
    return table


def own_cosines(probes: Vectors, gallery: np.ndarray) -> np.ndarray:
    """Return the cosines of each probe, (p, d), with rounded vectors of its own, (p, l, d)."""
    table: np.ndarray = np.einsum("pd,pld->pl", probes.coarse, gallery)
    table += np.einsum("pd,pld->pl", probes.fine, gallery)
    return table
