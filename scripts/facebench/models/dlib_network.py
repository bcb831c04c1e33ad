"""dlib's face recogniser as a network of torch: a ResNet of 29 convolutions."""

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, max_pool2d, pad

from facebench.models.dlib_weights import BLOCKS, Convolution, Weights


class DlibNetwork(nn.Module):
    """Maps pixels (n, 3, height, width), less their mean and divided by 256, to rows (n, 128).

    The rows aren't normalised: they are dlib's descriptors.
    """

    def __init__(self, weights: Weights) -> None:
        """Take the weights up, in float32."""
        super().__init__()
        first, *others = [convolution_of(one) for one in weights.convolutions]
        self.first, self.pairs = first, nn.ModuleList(others)
        self.matrix = nn.Parameter(torch.tensor(weights.matrix))
        # Faster on a CPU, and what surrogates' pixels come in.
        self.to(memory_format=torch.channels_last)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the rows."""
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        x = max_pool2d(self.first(pixels).relu_(), 3, 2)
        for number, (_, halves) in enumerate(BLOCKS):
            one, two = self.pairs[2 * number], self.pairs[2 * number + 1]
            beside = avg_pool2d(x, 2) if halves else x
            x = added(beside, two(one(x).relu_())).relu_()
        return x.mean((2, 3)) @ self.matrix


def added(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the sum as dlib's `add_prev` makes it: what one lacks at the end of an axis is 0.

    Of channels, rows and columns, where torch would refuse, or repeat a single one.

    >>> added(torch.ones(1, 1, 1, 2), torch.ones(1, 1, 2, 1)).tolist()
    [[[[2.0, 1.0], [1.0, 0.0]]]]
    """
    size = [max(sides) for sides in zip(x.shape, y.shape, strict=True)]
    return filled(x, size) + filled(y, size)


def filled(x: torch.Tensor, size: list[int]) -> torch.Tensor:
    """Return a tensor in a size, filled up with 0 at the end of every axis."""
    lacking = [whole - side for whole, side in zip(size, x.shape, strict=True)]
    if not any(lacking):
        return x
    # torch wants the last axis first, and what lacks before and behind.
    return pad(x, [count for side in reversed(lacking) for count in (0, side)])


def convolution_of(given: Convolution) -> nn.Conv2d:
    """Return a layer of torch with a convolution's numbers."""
    outputs, inputs, *sides = given.filters.shape
    layer = nn.Conv2d(inputs, outputs, (sides[0], sides[1]), given.stride, given.padding)
    layer.weight.data = torch.tensor(given.filters, dtype=torch.float32)
    layer.bias = nn.Parameter(torch.tensor(given.bias, dtype=torch.float32))
    return layer
