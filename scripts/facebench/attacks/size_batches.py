"""Pictures of several sizes as tensors, one a size: few large operations instead of many small."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch


class Stacks:
    """The pictures of a batch in an `order` in which those of one size are together.

    Values that belong to pictures are kept in this order until `in_order` puts them back.
    """

    def __init__(self, pictures: Sequence[np.ndarray], device: "torch.device") -> None:
        """Take uint8 RGB pictures (height, width, 3)."""
        import torch

        sizes = [picture.shape for picture in pictures]
        self.order = sorted(range(len(pictures)), key=lambda i: (sizes[i], i))
        self.counts = [sizes.count(size) for size in sorted(set(sizes))]
        #: float32 (n, 3, height, width), 0 to 255, for every size.
        self.clean: list[torch.Tensor] = []
        for rows in np.split(self.order, np.cumsum(self.counts)[:-1]):
            stack = np.stack([pictures[i].transpose(2, 0, 1) for i in rows])
            self.clean.append(torch.from_numpy(stack).float().to(device))

    def noise(
        self, generators: "Sequence[np.random.Generator]", size: float
    ) -> "list[torch.Tensor]":
        """Return uniform noise from -`size` to `size`, each picture's from its own generator."""
        import torch

        drawn, order = [], iter(self.order)
        for clean in self.clean:
            parts = [generators[next(order)].uniform(-size, size, clean.shape[1:]) for _ in clean]
            drawn.append(torch.from_numpy(np.stack(parts)).float().to(clean.device))
        return drawn

    def split(self, values: "torch.Tensor") -> "list[torch.Tensor]":
        """Return one value a picture (n,) as tensors (n of a size, 1, 1, 1) to go with pixels."""
        return [part.view(-1, 1, 1, 1) for part in values.split(self.counts)]

    def in_order(self, values: Sequence[Any]) -> list[Any]:
        """Return one value a picture in the order in which the pictures came."""
        placed = dict(zip(self.order, values, strict=True))
        return [placed[i] for i in range(len(placed))]


def pictures_of(stacks: "Sequence[torch.Tensor]") -> "list[torch.Tensor]":
    """Return the pictures (3, height, width) of all stacks, from 0-255 to 0-1."""
    return [picture for stack in stacks for picture in (stack / 255).unbind()]


def as_pixels(stacks: "Sequence[torch.Tensor]") -> list[np.ndarray]:
    """Return the pictures of stacks of whole numbers as uint8 (height, width, 3)."""
    pixels = (stack.cpu().numpy().astype(np.uint8).transpose(0, 2, 3, 1) for stack in stacks)
    return [np.ascontiguousarray(picture) for stack in pixels for picture in stack]
