"""Random changes of a picture that a cloak should survive. Differentiable.

The expectation over transformations of Athalye and others (ICML 2018), a draw a step.
"""

from typing import TYPE_CHECKING

import numpy as np

from facebench.attacks.jpeg import soft_jpeg

if TYPE_CHECKING:
    import torch

#: How often each change is made, independently of the others.
SHARE = 0.5

#: The most that is cut off at an edge, as a share of the side; the smallest size, as a share; the
#: range of JPEG qualities.
CUT, SMALLEST, QUALITIES = 0.08, 0.5, (30, 95)


def view(picture: "torch.Tensor", rng: np.random.Generator) -> "torch.Tensor":
    """Return a picture (3, height, width) on 0 to 1 cut, shrunk and saved as a JPEG, by chance."""
    from torch.nn.functional import interpolate

    # Always the same number of draws, so that a view doesn't depend on the ones before.
    cut, shrink, save = rng.random(3) < SHARE
    edges, scale = rng.uniform(0, CUT, 4), rng.uniform(SMALLEST, 1)
    quality = int(rng.integers(*QUALITIES, endpoint=True))
    height, width = picture.shape[1:]
    if cut:
        top, bottom = (round(height * edge) for edge in edges[:2])
        left, right = (round(width * edge) for edge in edges[2:])
        picture = picture[:, top : height - bottom, left : width - right]
    if shrink:
        size = [max(1, round(side * scale)) for side in picture.shape[1:]]
        picture = interpolate(picture[None], size, mode="bilinear", antialias=True)[0]
    return soft_jpeg(picture, quality) if save else picture
