"""The control: an architecture of open_clip with weights drawn from a seed, never trained."""

from typing import Any

from facebench.models import openclip_family
from facebench.models.encoder import Encoder


def load(
    arch: str, seed: int = 0, device: str = "auto", precision: str = "auto", **_: Any
) -> Encoder:
    """Return the encoder; the same seed gives the same weights under the same version of torch."""
    network = openclip_family.build(arch, seed=seed)
    return openclip_family.encoder(network, arch, device, precision)


def parameters(arch: str, **_: Any) -> tuple[int, int]:
    """Return the number of parameters of the model and of its image tower."""
    return openclip_family.parameters(arch=arch)
