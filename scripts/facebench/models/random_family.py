"""The control: an architecture of open_clip with weights drawn from a seed, never trained."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facebench.errors import UserError
from facebench.models import openclip_family
from facebench.models.encoder import Encoder
from facebench.models.features import DEFAULT
from facebench.models.hub import Wanted
from facebench.models.network_configs import MOST_PARAMETERS
from facebench.places import local


def wanted(
    arch: str | None = None, path: str | None = None, feature: str = DEFAULT, **_: Any
) -> Wanted:
    """Return that no files are needed. Raises `UserError` for a `feature` that there isn't."""
    openclip_family.check_feature(arch, None if path is None else local(path), feature)
    return Wanted({}, folder=Path())


def load(
    arch: str | None = None,
    path: str | None = None,
    seed: int = 0,
    device: str = "auto",
    precision: str = "auto",
    feature: str | Sequence[str] = DEFAULT,
    **_: Any,
) -> Encoder:
    """Return the encoder; the same seed gives the same weights under the same version of torch."""
    name = name_of(arch, path)
    openclip_family.check_size(name, MOST_PARAMETERS)
    network = openclip_family.build(name, seed=seed)
    return openclip_family.encoder(network, name, device, precision, feature)


def name_of(arch: str | None, path: str | None) -> str:
    """Return open_clip's name for an architecture, or for the one that a folder describes.

    Raises `UserError` unless exactly one of `arch` and `path` is given.
    """
    if (arch is None) == (path is None):
        raise UserError("A model of family random needs either `arch` or `path`.")
    if path is None:
        return str(arch)
    folder = local(path)
    if not (folder / openclip_family.CONFIG[0]).exists():
        raise UserError(f"There is no {openclip_family.CONFIG[0]} in {folder}.")
    return f"local-dir:{folder}"


def parameters(arch: str | None = None, path: str | None = None, **_: Any) -> tuple[int, int]:
    """Return the number of parameters of the model and of its image tower."""
    name = name_of(arch, path)
    if path is None:
        return openclip_family.parameters(arch=name)
    folder = local(path)
    files = {"config": folder / openclip_family.CONFIG[0]}
    # A trained model of this architecture in the folder has the same number.
    if (trained := folder / openclip_family.WEIGHTS[0]).exists():
        files["weights"] = trained
    return openclip_family.parameters(files)
