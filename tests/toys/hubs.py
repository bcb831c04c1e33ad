"""Searches for hubs, as a person would do them."""

import numpy as np


def unit(rows):
    """Return rows of length 1, float32."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def in_order(search, stored):
    """Return the numbers of `stored`, best first, as a person would sort them."""
    found = [round(float(np.dot(search.astype(float), one.astype(float))), 9) for one in stored]
    return sorted(range(len(stored)), key=lambda number: (-found[number], number))
