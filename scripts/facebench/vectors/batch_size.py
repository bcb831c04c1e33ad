"""The number of pictures in a batch: speed depends on it, results don't."""

from facebench.logs import LOG
from facebench.models.encoder import Encoder

#: On a CPU larger batches gain nothing: eight pictures already reach nine tenths of the best rate.
ON_CPU = 64
#: On a GPU the smallest and largest batch, and the part of the free memory that may be used.
SMALLEST, LARGEST, SHARE = 64, 1024, 0.6


def choose_batch_size(encoder: Encoder, wanted: int | str) -> int:
    """Return the size of a batch: `wanted`, or for "auto" what the device has room for."""
    if isinstance(wanted, int):
        return wanted
    if encoder.device is None or encoder.device.type != "cuda":
        return ON_CPU
    used, free = _memory(encoder)
    size = fitting(used, free)
    LOG.info(
        "batches of %d: one of %d takes %.1f GB and %.1f GB are free",
        size, SMALLEST, used / 2**30, free / 2**30,
    )  # fmt: skip
    return size


def fitting(used: float, free: float) -> int:
    """Return the largest power of two of pictures that fits, where `SMALLEST` take `used` bytes.

    >>> fitting(used=1e9, free=80e9), fitting(used=1e9, free=8e9), fitting(used=1e9, free=1e9)
    (1024, 256, 64)
    """
    size = SMALLEST
    while size < LARGEST and used * (2 * size / SMALLEST) <= SHARE * free:
        size *= 2
    return size


def _memory(encoder: Encoder) -> tuple[int, int]:
    """Return the bytes that a batch of `SMALLEST` takes beside the weights, and those free."""
    import numpy as np
    import torch

    torch.cuda.reset_peak_memory_stats(encoder.device)
    before = torch.cuda.memory_allocated(encoder.device)
    encoder.encode(np.zeros((SMALLEST, 3, *encoder.preprocess.size), np.uint8))
    used = torch.cuda.max_memory_allocated(encoder.device) - before
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(encoder.device)
    return max(used, 1), free
