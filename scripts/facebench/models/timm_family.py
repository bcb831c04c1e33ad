"""Models in timm's format: a folder (or a hub repository) of config.json and model.safetensors."""

from collections.abc import Mapping
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from facebench.errors import UserError
from facebench.logs import LOG
from facebench.models.checkpoints import (
    check_state,
    count_parameters,
    fitting,
    read_state,
    stored,
)
from facebench.models.encoder import Encoder
from facebench.models.hub import Wanted
from facebench.models.network_configs import building, part_of, read_config
from facebench.models.torch_encoder import torch_encoder
from facebench.pictures.preprocess import Preprocess
from facebench.places import local
from facebench.store.records import library_versions

if TYPE_CHECKING:
    import torch

NAMES = {
    "config": ("config.json",),
    "weights": ("model.safetensors", "pytorch_model.bin"),
}

#: A network with as many outputs is a classifier of pictures: no vector of a face is as long.
CLASSES = 1000

#: timm's `crop_mode` -> `Preprocess.resize_mode`.
RESIZE_MODES = {"center": "shortest", "squash": "squash", "border": "longest"}


def wanted(
    repo: str | None = None, revision: str = "main", path: str | None = None, **_: Any
) -> Wanted:
    """Return where the files are: in the folder `path`, or on the hub."""
    if (repo is None) == (path is None):
        raise UserError("A model of family timm needs either `repo` or `path`.")
    if path is not None:
        return Wanted(NAMES, folder=local(path))
    return Wanted(NAMES, repo=repo, revision=revision)


def load(
    files: Mapping[str, Path] | None = None,
    device: str = "auto",
    precision: str = "auto",
    global_pool: str | None = None,
    **spec: Any,
) -> Encoder:
    """Return the encoder: the network's output, without a classifier on top where it has one.

    global_pool: timm's word for what the vector is made of, instead of the config's.
    """
    files = files or wanted(**spec).find().files
    weights, config = Path(files["weights"]), Path(files["config"])
    held = stored(weights)
    check_size(config, weights, 4 * sum(prod(tensor.shape) for tensor in held.values()))
    network, preprocess = build(config.parent, global_pool)
    check_state(weights, held, network, str(config))
    with fitting(weights, str(config)):
        missing, unknown = network.load_state_dict(read_state(weights), strict=False)
    if missing or unknown:
        raise UserError(
            f"{weights} doesn't fit {config}: {len(missing)} tensors are missing"
            f" and {len(unknown)} unknown ({', '.join([*missing, *unknown][:3])})."
        )
    without_classes(network, config)
    libraries = library_versions("timm", "torch", "torchvision")
    return torch_encoder(network.eval(), network, preprocess, device, precision, libraries)


def check_size(config: Path, weights: Path, most: int) -> None:
    """Refuse a description of a network with more than `most` parameters (`UserError`)."""
    import torch

    count = 0
    with suppress(UserError), torch.device("meta"):  # some can't be built without their memory
        network, _ = build(config.parent)
        count = sum(parameter.numel() for parameter in network.parameters())
    if count > most:
        raise UserError(
            f"{config} describes a network of {count:,} parameters, which isn't that of {weights}."
        )


def without_classes(network: Any, config: Path) -> None:
    """Take the classifier off a network that tells classes of things apart.

    Models of faces end in a layer of the same kind, which makes their vectors: that stays.
    """
    outputs = int(getattr(network, "num_classes", 0))
    named = "label_names" in read_config(config) or "label_names" in _pictures(config)
    if outputs >= CLASSES or (outputs and named):
        with building(config):
            network.reset_classifier(0)
        LOG.info("%s is of a classifier of %d classes, which is taken off", config, outputs)
    elif outputs:
        LOG.info("%s: the vector is the network's last layer of %d outputs", config, outputs)


def build(folder: Path, global_pool: str | None = None) -> "tuple[torch.nn.Module, Preprocess]":
    """Return the network that a folder's config.json describes, not trained, and its input.

    Raises `UserError` for a description that can't be built.
    """
    import timm

    config = folder / NAMES["config"][0]
    if ":" in str(read_config(config).get("architecture")):
        raise UserError(f"{config} has an architecture that is elsewhere, which isn't loaded.")
    with building(config):
        preprocess = preprocess_of(_pictures(config))
        chosen: dict[str, Any] = {} if global_pool is None else {"global_pool": global_pool}
        network = timm.create_model(f"local-dir:{folder}", pretrained=False, **chosen)
    return network, preprocess


def _pictures(config: Path) -> dict[str, Any]:
    """Return the part of a config that says what the network expects of pictures."""
    found = read_config(config)
    return part_of(found, "pretrained_cfg", config) or found


def preprocess_of(config: Mapping[str, Any]) -> Preprocess:
    """Return what timm's own transform for inference does.

    >>> preprocess_of({"input_size": [3, 112, 112], "mean": [0.5] * 3, "std": [0.5] * 3,
    ...                "interpolation": "bicubic", "crop_pct": 1.0, "crop_mode": "center"}).size
    (112, 112)
    """
    mean, std = (
        tuple(float(value) for value in config.get(name, usual))
        for name, usual in (("mean", (0.485, 0.456, 0.406)), ("std", (0.229, 0.224, 0.225)))
    )
    if len(mean) != 3 or len(std) != 3 or not all(std):
        raise ValueError(f"mean {mean} and std {std} must be three numbers each")
    _, height, width = config.get("test_input_size") or config.get("input_size", (3, 224, 224))
    interpolation = config.get("interpolation") or "bicubic"
    if interpolation.upper() not in Image.Resampling.__members__:
        raise ValueError(f"interpolation {interpolation} is unknown")
    return Preprocess(
        size=(int(height), int(width)),
        mean=mean,
        std=std,
        interpolation=interpolation,
        resize_mode=RESIZE_MODES[config.get("crop_mode") or "center"],
        fill=tuple(round(255 * value) for value in mean),
        crop_pct=config.get("test_crop_pct") or config.get("crop_pct") or 0.875,
    )


def parameters(files: Mapping[str, Path], **_: Any) -> tuple[int, int]:
    """Return the number of parameters twice: there is only an image tower."""
    read_config(files["config"])
    count = count_parameters(files["weights"])
    return count, count
