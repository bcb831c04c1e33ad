"""How near the nearest of many strangers comes to each search, without holding all scores."""

from collections.abc import Iterable, Iterator

import numpy as np

from facebench.logs import Progress

#: Scores held at a time, float32: 64 MB.
CELLS = 2**24


def block_maxima(searches: np.ndarray, blocks: Iterable[np.ndarray], count: int) -> np.ndarray:
    """Return each search's highest score in each block of strangers: float32 (n, count).

    searches: float32 (n, d), unit rows; blocks: `count` arrays float32 (block, d), read one after
    the other. The highest score of a gallery is the highest of its blocks', so one pass over the
    largest gallery gives all smaller ones.

    >>> strangers = [np.array([[0.6, 0.8]], np.float32), np.array([[1, 0], [0, 1]], np.float32)]
    >>> block_maxima(np.array([[1, 0]], np.float32), strangers, count=2).round(3)
    array([[0.6, 1. ]], dtype=float32)
    """
    found = np.full((len(searches), count), -np.inf, np.float32)
    progress = Progress(count, "blocks of strangers")
    step = max(1, CELLS // max(len(searches), 1))
    for number, block in enumerate(blocks):
        for start in range(0, len(block), step):
            scores = searches @ block[start : start + step].T
            np.maximum(found[:, number], scores.max(axis=1), out=found[:, number])
        progress.step()
    return found


def galleries(maxima: np.ndarray, blocks: int, most: int) -> Iterator[np.ndarray]:
    """Yield each search's highest score among `blocks` blocks of strangers: float32 (n,).

    maxima: float32 (n, count). Every one is of other strangers: `count` // `blocks`, at most
    `most`.

    >>> [one.tolist() for one in galleries(np.array([[1, 5, 2, 3, 9]]), blocks=2, most=10)]
    [[5], [3]]
    """
    for number in range(min(most, maxima.shape[1] // blocks)):
        yield maxima[:, number * blocks : (number + 1) * blocks].max(axis=1)
