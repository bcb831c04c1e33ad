"""What dlib's face recogniser is made of, taken from its file and checked.

Every convolution is followed by a factor and a summand for each of its channels, which are folded
into it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facebench.errors import UserError
from facebench.models.checkpoints import kind_of
from facebench.models.dlib_file import Layer, Stored, read_network

#: The blocks from the input outwards: the channels that each gives, and whether it halves sides.
BLOCKS = (
    *[(32, False)] * 3,
    *[(64, True), (64, False), (64, False), (64, False)],
    *[(128, True), (128, False), (128, False)],
    *[(256, True), (256, False), (256, False)],
    (256, True),
)

#: Length of a vector.
DIM = 128

CONVOLUTION = ["con_4", "affine_"]


@dataclass(frozen=True)
class Convolution:
    """filters: float64 (out, in, rows, columns); bias: float64 (out,)."""

    filters: np.ndarray
    bias: np.ndarray
    stride: int
    padding: int


@dataclass(frozen=True)
class Weights:
    """The recogniser's: 29 convolutions from the input outwards, a matrix (256, 128), the input.

    `mean` is on 0 to 255, of red, green and blue; `size` is (height, width). `count`: how many
    numbers its file holds.
    """

    convolutions: list[Convolution]
    matrix: np.ndarray
    mean: tuple[float, ...]
    size: tuple[int, int]
    count: int


def read_weights(path: str | Path) -> Weights:
    """Return the weights in a file. Raises `UserError` for a damaged file, or another network's."""
    try:
        return weights_of(read_network(path))
    except ValueError as error:
        kind = kind_of(path)
        why = f"is {kind}" if kind else f"is damaged, or is not dlib's face recogniser: {error}"
        raise UserError(f"{path} {why}.") from error


def weights_of(stored: Stored) -> Weights:
    """Return the weights of a network. Raises `ValueError` for one with other layers."""
    layers = stored.layers
    names = [layer.name for layer in layers]
    if names != expected_names():
        raise ValueError(f"it has {len(names)} layers, not in the order of that network")
    if not all(np.isfinite(layer.params).all() for layer in layers):
        raise ValueError("not all of its numbers are finite")
    places = [place for place, name in enumerate(names) if name == "con_4"]
    shapes = expected_shapes()
    convolutions = [
        folded(layers[place], layers[place + 1], shape)
        for place, shape in zip(places, shapes, strict=True)
    ]
    pools = [layer.numbers for layer in layers if layer.name == "max_pool_2"]
    pools += [layer.numbers for layer in layers if layer.name == "avg_pool_2"]
    halves = [(2, 2, 2, 2, 0, 0)] * sum(halves for _, halves in BLOCKS)
    last = layers[-1].params
    whole = (0, 0, 1, 1, 0, 0)
    if pools != [(3, 3, 2, 2, 0, 0), *halves, whole] or last.shape != (256, DIM, 1, 1):
        raise ValueError("its layers have other sizes than that network's")
    count = sum(layer.params.size for layer in layers)
    return Weights(convolutions, last.reshape(256, DIM), stored.mean, stored.size, count)


def expected_names() -> list[str]:
    """Return the names of the recogniser's layers, from the input outwards."""
    names = [*CONVOLUTION, "relu_", "max_pool_2"]
    for _, halves in BLOCKS:
        names += [*CONVOLUTION, "relu_", *CONVOLUTION, *["avg_pool_2"] * halves]
        names += ["add_prev_", "relu_"]
    return [*names, "avg_pool_2", "fc_2"]


def expected_shapes() -> list[tuple[int, int, int, int, int]]:
    """Return of every convolution: channels out and in, side of the filters, stride, padding.

    What keeps the sides is padded by half a filter, what halves them not at all.
    """
    shapes, before = [(32, 3, 7, 2, 0)], 32
    for after, halves in BLOCKS:
        shapes += [(after, before, 3, 2, 0) if halves else (after, before, 3, 1, 1)]
        shapes += [(after, after, 3, 1, 1)]
        before = after
    return shapes


def folded(convolution: Layer, affine: Layer, shape: tuple[int, int, int, int, int]) -> Convolution:
    """Return a convolution with what comes after it. Raises `ValueError` for another shape."""
    after, before, side, stride, padding = shape
    size = after * before * side * side
    numbers = (after, side, side, stride, stride, padding, padding)
    sizes = (convolution.params.size, affine.params.size)
    if convolution.numbers != numbers or sizes != (size + after, 2 * after):
        raise ValueError("its layers have other sizes than that network's")
    params = convolution.params.ravel().astype(np.float64)
    factor, summand = affine.params.reshape(2, after).astype(np.float64)
    filters = params[:size].reshape(after, before, side, side) * factor.reshape(-1, 1, 1, 1)
    return Convolution(filters, params[size:] * factor + summand, stride, padding)
