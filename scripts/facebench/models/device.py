"""Where a model runs: device, precision, threads, and memory that is kept between batches."""

import ctypes
import logging
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from facebench.errors import UserError
from facebench.timing import loading

if TYPE_CHECKING:
    import torch

LOG = logging.getLogger("facebench")

#: Parameters of glibc's mallopt(3).
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4


def keep_memory() -> None:
    """Make glibc keep freed memory; call this before torch is imported.

    Otherwise every forward pass returns its activations to the kernel and faults them in again,
    which costs a tenth of the time on a CPU. Does nothing where the C library isn't glibc.
    """
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.gnu_get_libc_version  # noqa: B018 - other C libraries don't have it
    except (OSError, AttributeError):
        return
    libc.mallopt(MMAP_MAX, 0)
    libc.mallopt(TRIM_THRESHOLD, 2**31 - 1)
    libc.mallopt(TOP_PAD, 256 << 20)


def choose(device: str = "auto") -> "torch.device":
    """Return the device to use: CUDA, else Apple's MPS, else the CPU; or the one that is named.

    From then on float32 means float32: not TensorFloat-32, which keeps ten bits of a factor and is
    torch's default for convolutions on CUDA.
    """
    with loading():
        import torch

    torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]
    usable = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        device = next((name for name, there in usable.items() if there), "cpu")
    elif not usable.get(device, device == "cpu"):
        raise UserError(f"embed.device is {device}, which torch can't use here; set it to auto.")
    return torch.device(device)


def dtype(device: "torch.device", precision: str = "auto") -> str:
    """Return the name of the type that matrix products are made in.

    Mixed precision only on CUDA: bfloat16 autocast was nine times slower than float32 on a CPU.
    """
    mixed = device.type == "cuda" and precision == "auto"
    return "bfloat16 (autocast)" if mixed else "float32"


def autocast(device: "torch.device", precision: str = "auto") -> AbstractContextManager:
    """Return the context in which a forward pass runs."""
    import torch

    if dtype(device, precision) == "float32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def learns_in_bfloat16(device: "torch.device") -> bool:
    """Return whether training in mixed precision is faster: on CUDA, and on a CPU with AMX.

    On a CPU with AMX, small convolutional networks learn 1.6 to 1.9 times as fast.
    """
    import torch

    return device.type == "cuda" or (device.type == "cpu" and torch.cpu._is_amx_tile_supported())


def use_threads(device: "torch.device", threads: int) -> int:
    """Give torch its threads; return how many threads may prepare pictures meanwhile.

    On a CPU the model needs all cores, and one thread keeps it fed; beside a GPU the cores have
    nothing else to do.
    """
    import torch

    on_cpu = device.type == "cpu"
    torch.set_num_threads(threads if on_cpu else 1)
    return 1 if on_cpu else threads
