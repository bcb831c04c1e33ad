"""Score-level fusion of two models, made of their stored vectors.

The fused score of two pictures is the mean of both models' cosines, the sum rule of Kittler, Hatef,
Duin and Matas, "On combining classifiers" (1998), with equal weights. With unit rows a and b of the
two models, (a, b) / sqrt(2) is a unit row as well, and for two pictures

    (a, b) . (a', b') / 2 = (a . a' + b . b') / 2,

so that the concatenation has the fused score as its own inner product. Scores are not scaled to a
common spread (z scores, min-max) before: that would need scores of other people than those who are
measured, and the result would hold for these. Scaling is a weight of the models, shifting changes
nothing. So the model whose scores are more spread out counts for more.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from facebench.vectors.stored import StoredVectors

#: Rows that are put together at a time.
BLOCK = 2**14


def common(one: pd.Index, two: pd.Index) -> np.ndarray:
    """Return where the pictures that both models could embed are: int64 (n, 2), rows of each.

    In the order of the first. A picture that one of them failed on has no row.

    >>> common(pd.Index(["x", "y", "z"]), pd.Index(["z", "x"])).tolist()
    [[0, 1], [2, 0]]
    """
    there = two.get_indexer(one)
    first = np.flatnonzero(there >= 0)
    return np.column_stack([first, there[first]])


def fused(one: StoredVectors, two: StoredVectors, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the fused unit rows, float32 (at most `BLOCK`, d + e), of rows of d and of e numbers.

    rows: int (n, 2), as `common` returns them.

    >>> a = StoredVectors.of(np.float32([[1, 0]]))
    >>> b = StoredVectors.of(np.float32([[0.6, 0.8]]))
    >>> [block.round(3).tolist() for block in fused(a, b, np.array([[0, 0]]))]
    [[[0.7070000171661377, 0.0, 0.42399999499320984, 0.5659999847412109]]]
    """
    half = np.float32(1 / np.sqrt(2))
    for start in range(0, len(rows), BLOCK):
        first, second = rows[start : start + BLOCK].T
        yield np.concatenate([one[first], two[second]], axis=1) * half
