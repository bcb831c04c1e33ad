"""Weights in as few bytes as they need: 8-bit floats where those say the same."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

#: A tensor is kept in 16 bits if 8 would change it by more than this, relative to its size.
TOLERANCE = 0.04


def save(state: "Mapping[str, torch.Tensor]", path: Path) -> None:
    """Write tensors to the safetensors file `path`, which every loader widens to float32 again."""
    from safetensors.torch import save_file

    save_file({name: compact(tensor) for name, tensor in state.items()}, path)


def compact(tensor: "torch.Tensor") -> "torch.Tensor":
    """Return a tensor in float8 (e4m3), float16 or as it is, the smallest that is close enough.

    >>> import torch
    >>> compact(torch.linspace(0.5, 1, 12).view(3, 4)).dtype
    torch.float8_e4m3fn
    >>> compact(torch.full((2, 2), 1e-9)).dtype
    torch.float32
    """
    import torch

    tensor = tensor.detach().cpu().contiguous()
    if not tensor.is_floating_point():
        return tensor
    kinds = [torch.float8_e4m3fn, torch.float16] if tensor.ndim >= 2 else [torch.float16]
    for kind in kinds:
        smaller = tensor.to(kind)
        change = (smaller.float() - tensor).norm() / tensor.norm().clamp(min=1e-12)
        if change <= TOLERANCE:
            return smaller
    return tensor
