"""The head and what is around it, as many pixels of each: what a picture's context alone says.

George, Yeh, Lee and Zhang (arXiv 2604.05296, 2026) compare face and context by equal areas. Here of
a head with A pixels, in a picture in which B are around it, the min(A, B) innermost are the head's
part, and the min(A, B) nearest to the head are the part around it.
"""

import numpy as np

from facebench.pictures.geometry import inverse


def distances(
    frame: np.ndarray, centre: np.ndarray, axes: np.ndarray, width: int, height: int
) -> np.ndarray:
    """Return how far each pixel is from the middle of an ellipse, float64 (height, width).

    In half axes: below 1 a pixel is inside. frame: (2, 3), from the ellipse's coordinates to the
    picture's; centre, axes: (2,), in the former.
    """
    back = inverse(frame)
    across, down = np.arange(width) + 0.5, np.arange(height) + 0.5
    place = [back[i, 0] * across + back[i, 1] * down[:, None] + back[i, 2] for i in (0, 1)]
    return np.hypot(*((place[i] - centre[i]) / axes[i] for i in (0, 1)))


def equal_areas(far: np.ndarray) -> dict[str, np.ndarray]:
    """Return which pixels are in the part `head`, and which in `around`: bool (height, width).

    far: as `distances` returns it. Both have the same number of pixels, and none in common.

    >>> found = equal_areas(np.array([[0.2, 0.6, 1.1, 1.5, 2.0]]))
    >>> found["head"].astype(int).tolist(), found["around"].astype(int).tolist()
    ([[1, 1, 0, 0, 0]], [[0, 0, 1, 1, 0]])
    """
    order = np.argsort(far, axis=None, kind="stable")
    inside = int(np.count_nonzero(far < 1))
    count = min(inside, far.size - inside)
    parts = {"head": order[:count], "around": order[inside : inside + count]}
    return {
        name: np.isin(np.arange(far.size), some).reshape(far.shape) for name, some in parts.items()
    }
