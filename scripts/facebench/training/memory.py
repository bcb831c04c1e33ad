"""More captions to tell a picture's own from than a small batch holds: those of the last batches.

As in cross-batch memory (Wang and others, CVPR 2020): embeddings drift slowly, so those of a few
batches ago are still good as negatives, and cost nothing.
"""

from typing import Any

import torch


class Memory(torch.nn.Module):
    """The last `size` embeddings of pictures and captions, (size, width), and of whom they are."""

    images: torch.Tensor
    texts: torch.Tensor
    people: torch.Tensor

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.register_buffer("images", torch.zeros(size, width))
        self.register_buffer("texts", torch.zeros(size, width))
        self.register_buffer("people", torch.full((size,), -1))

    def keep(self, images: torch.Tensor, texts: torch.Tensor, people: torch.Tensor) -> None:
        """Remember a batch in place of the oldest."""
        for name, new in (("images", images), ("texts", texts), ("people", people)):
            old = getattr(self, name)
            setattr(self, name, torch.cat([new.detach(), old])[: len(old)])


def contrast(
    queries: torch.Tensor,
    keys: torch.Tensor,
    people: torch.Tensor,
    past_keys: torch.Tensor,
    past_people: torch.Tensor,
    scale: Any,
) -> torch.Tensor:
    """Return the cross-entropy of finding each query's own key, that of the same row.

    queries, keys: unit rows (n, d) of `people` (n,); past_keys: (m, d) of `past_people` (m,), -1
    where nothing is remembered. Other keys of the same person count neither for nor against.
    """
    logits = scale * queries @ torch.cat([keys, past_keys]).T
    others = torch.cat([people, past_people])
    ignored = (others[None] == people[:, None]) | (others[None] < 0)
    own = torch.arange(len(queries), device=queries.device)
    ignored[own, own] = False
    logits = logits.masked_fill(ignored, -torch.inf)
    return torch.nn.functional.cross_entropy(logits, own)
