"""Models in timm's format: a folder (or a hub repository) of config.json and model.safetensors."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facebench.errors import UserError
from facebench.models.checkpoints import count_parameters, read_state
from facebench.models.encoder import Encoder
from facebench.models.hub import Wanted, local
from facebench.models.torch_encoder import torch_encoder
from facebench.pictures.preprocess import Preprocess
from facebench.store.records import library_versions

if TYPE_CHECKING:
    import torch

NAMES = {
    "config": ("config.json",),
    "weights": ("model.safetensors", "pytorch_model.bin"),
}

#: timm's `crop_mode` -> `Preprocess.resize_mode`.
RESIZE_MODES = {"center": "shortest", "squash": "squash", "border": "longest"}


def wanted(repo: str | None = None, revision: str = "main", path: str | None = None) -> Wanted:
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
    **spec: Any,
) -> Encoder:
    """Return the encoder: the network's output, without a classifier on top where it has one."""
    files = files or wanted(**spec).find().files
    network, preprocess = build(Path(files["config"]).parent)
    missing, unknown = network.load_state_dict(read_state(files["weights"]), strict=False)
    if missing or unknown:
        raise UserError(
            f"{files['weights']} doesn't fit {files['config']}: {len(missing)} tensors are missing"
            f" and {len(unknown)} unknown ({', '.join([*missing, *unknown][:3])})."
        )
    libraries = library_versions("timm", "torch", "torchvision")
    return torch_encoder(network.eval(), network, preprocess, device, precision, libraries)


def build(folder: Path) -> "tuple[torch.nn.Module, Preprocess]":
    """Return the network that a folder's config.json describes, not trained, and its input."""
    import timm

    config = json.loads((folder / "config.json").read_text())
    network = timm.create_model(f"local-dir:{folder}", pretrained=False)
    return network, preprocess_of(config.get("pretrained_cfg", config))


def preprocess_of(config: Mapping[str, Any]) -> Preprocess:
    """Return what timm's own transform for inference does.

    >>> preprocess_of({"input_size": [3, 112, 112], "mean": [0.5] * 3, "std": [0.5] * 3,
    ...                "interpolation": "bicubic", "crop_pct": 1.0, "crop_mode": "center"}).size
    (112, 112)
    """
    mean = tuple(config.get("mean", (0.485, 0.456, 0.406)))
    _, height, width = config.get("test_input_size") or config.get("input_size", (3, 224, 224))
    return Preprocess(
        size=(height, width),
        mean=mean,
        std=tuple(config.get("std", (0.229, 0.224, 0.225))),
        interpolation=config.get("interpolation", "bicubic"),
        resize_mode=RESIZE_MODES[config.get("crop_mode") or "center"],
        fill=tuple(round(255 * value) for value in mean),
        crop_pct=config.get("test_crop_pct") or config.get("crop_pct") or 0.875,
    )


def parameters(files: Mapping[str, Path], **_: Any) -> tuple[int, int]:
    """Return the number of parameters twice: there is only an image tower."""
    count = count_parameters(files["weights"])
    return count, count
