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

#: Vectors are multiples of the first, their coarse part of the second.
FINEST, COARSE = 2.0**-32, 2.0**-20


@dataclass(frozen=True)
class Vectors:
    """Unit vectors as the sum of two parts: float64 (..., d) each."""

    coarse: np.ndarray
    fine: np.ndarray

    @property
    def whole(self) -> np.ndarray:
        """The vectors: float64 (..., d)."""
        return self.coarse + self.fine


def exact(vectors: np.ndarray) -> Vectors:
    """Return unit vectors, float (..., d), in two parts."""
    fine = np.rint(np.asarray(vectors, float) / FINEST)
    fine *= FINEST
    coarse = np.rint(fine / COARSE)
    coarse *= COARSE
    fine -= coarse
    return Vectors(coarse, fine)


def cosines(probes: np.ndarray, gallery: Vectors) -> np.ndarray:
    """Return the cosines of `probes`, `Vectors.whole` (p, d), and a gallery (g, d): float64 (p, g).

    >>> pair = exact(np.float32([[0.6, 0.8], [0.28, 0.96]]))
    >>> table = cosines(pair.whole, pair)
    >>> bool(table[0, 1] == table[1, 0]), table.round(6).tolist()
    (True, [[1.0, 0.936], [0.936, 1.0]])
    """
    table: np.ndarray = probes @ gallery.coarse.T
    table += probes @ gallery.fine.T
    return table


def own_cosines(probes: np.ndarray, gallery: Vectors) -> np.ndarray:
    """Return the cosines of each probe, (p, d), with a gallery of its own, (p, l, d): (p, l)."""
    table: np.ndarray = np.einsum("pd,pld->pl", probes, gallery.coarse)
    table += np.einsum("pd,pld->pl", probes, gallery.fine)
    return table
