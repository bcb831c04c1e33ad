"""How large a network is and how much work a picture makes: counted without its weights."""

from functools import cache
from typing import Any, NamedTuple

from facebench.models.openclip_build import build, count_of


class Size(NamedTuple):
    """Numbers of a network: parameters of the image tower and of all, operations, vector.

    flops: of one picture in the image tower; a multiplication and an addition are two.
    """

    tower: int
    total: int
    flops: int
    dim: int


@cache
def of_clip(arch: str, pixels: int) -> Size:
    """Return the size of an architecture of open_clip."""
    network: Any = build(arch, device="meta")
    flops, dim = _work(network, network.encode_image, pixels)
    return Size(count_of(network.visual), count_of(network), flops, dim)


@cache
def of_timm(name: str, pool: str, pixels: int) -> Size:
    """Return the size of a network of timm, with its vector made by `pool`."""
    import timm
    import torch

    with torch.device("meta"):
        network = timm.create_model(name, pretrained=False, global_pool=pool)
    flops, dim = _work(network, network, pixels)
    return Size(count_of(network), count_of(network), flops, dim)


def _work(network: Any, encode: Any, pixels: int) -> tuple[int, int]:
    """Return the operations that one picture takes, and the length of its vector."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    # Gradients are switched off here since the counter fails inside `no_grad` with some networks.
    network.eval().requires_grad_(False)
    with FlopCounterMode(display=False) as counter:
        rows = encode(torch.empty(1, 3, pixels, pixels, device="meta"))
    return counter.get_total_flops(), rows.shape[1]


def resources(size: Size) -> dict[str, int]:
    """Return the MB of the weights, at 4 bytes a parameter, and a guess of the memory of a job.

    The guess has room for the weights three times (read, built, copied) and for a batch; what is
    within the default of the schema, 6,000, is left out.

    >>> resources(Size(87_850_000, 151_280_000, 8_820_000_000, 512))
    {'download_mb': 605}
    >>> resources(Size(303_970_000, 427_620_000, 162_030_000_000, 768))
    {'mem_mb': 8000, 'download_mb': 1710}
    """
    download = round(4 * size.total / 1e6)
    memory = -(-(2000 + 3 * download + round(5 * size.flops / 1e9)) // 1000) * 1000
    return {**({"mem_mb": memory} if memory > 6000 else {}), "download_mb": download}
