"""Repositories as the makers of models publish them, with weights that are drawn from a seed.

A network is that of the registry, or one of its architecture that is less deep and less wide. What
is kept: the kind of tower and of text tower, the activation, the size of the picture and of a
patch, the proportions of a block, how pixels are normalised, and the tokenizer.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from facebench.models import Spec
from facebench.models.openclip_configs import PICTURES, architecture, tag_config
from facebench.models.openclip_family import CONFIG, WEIGHTS
from tools.rehearsal.onnx_faces import write_iresnet

#: What a smaller network of open_clip has: blocks, heads of a tower, numbers of its vector.
LAYERS, HEADS, DIM = 2, 2, 64

#: A face model in timm's format as its maker publishes them, and a smaller one.
FACES = {True: {"depth": 12, "embed_dim": 192, "num_heads": 3},
         False: {"depth": 2, "embed_dim": 48, "num_heads": 3}}  # fmt: skip


def write_repository(folder: Path, spec: Spec, real: bool, seed: int = 0) -> None:
    """Write the files that a model of the registry is loaded from; a finished folder is kept.

    real: of the size that the registry's entry has.
    """
    done = folder / ".real" if real else folder / ".small"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        WRITERS[spec["family"]](folder, spec, real, seed)
        done.touch()


def _open_clip(folder: Path, spec: Spec, real: bool, seed: int) -> None:
    """Write an open_clip network; a config file belongs to a smaller one alone.

    The registry names architecture and tag of a model, of which only the weights are fetched.
    """
    import torch
    from open_clip import CLIP, CustomTextCLIP
    from safetensors.torch import save_file

    network = architecture(spec["arch"])
    if not real:
        network = smaller(network)
        tag = tag_config(spec["arch"], spec["pretrained"])
        pictures = {key: tag[key] for key in PICTURES if tag.get(key) is not None}
        config = {"model_cfg": network, "preprocess_cfg": pictures}
        (folder / CONFIG[0]).write_text(json.dumps(config), encoding="utf-8")
    torch.manual_seed(seed)
    made = (CustomTextCLIP if network.pop("custom_text", False) else CLIP)(**network)
    # The state keeps neither parameters twice nor parts of larger tensors.
    save_file({k: v.contiguous() for k, v in made.state_dict().items()}, folder / WEIGHTS[0])


def smaller(network: Mapping[str, Any]) -> dict[str, Any]:
    """Return an architecture of open_clip with few blocks, few heads and short vectors.

    >>> whole = {"embed_dim": 1024, "vision_cfg": {"layers": 32, "width": 1280, "head_width": 80},
    ...          "text_cfg": {"width": 1024, "heads": 16, "layers": 24}}
    >>> smaller(whole)["vision_cfg"]
    {'layers': 2, 'width': 160, 'head_width': 80}
    """
    made: dict[str, Any] = deepcopy(dict(network))
    vision, text = made["vision_cfg"], made["text_cfg"]
    if isinstance(vision.get("layers"), list):
        # A ResNet ends in attention whose heads are 64 wide, of 32 times its width.
        vision |= {"layers": [1] * 4, "width": 16}
    elif "layers" in vision:
        vision |= {"layers": LAYERS, "width": HEADS * vision.get("head_width", 64)}
    text |= {"width": HEADS * text["width"] // text["heads"], "heads": HEADS, "layers": LAYERS}
    return {**made, "embed_dim": DIM}


def _timm(folder: Path, spec: Spec, real: bool, seed: int) -> None:
    """Write a vision transformer for faces of 112 pixels, as those trained on MS1MV3 are."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    named, outputs = "vit_tiny_patch16_224", 512 if real else DIM
    args: dict[str, Any] = {"patch_size": 8, **FACES[real]}
    network = timm.create_model(named, num_classes=outputs, img_size=112, **args)
    pictures = {
        "input_size": [3, 112, 112], "fixed_input_size": True, "interpolation": "bicubic",
        "crop_pct": 1.0, "crop_mode": "center", "mean": [0.5] * 3, "std": [0.5] * 3,
        "num_classes": outputs, "first_conv": "patch_embed.proj", "classifier": "head",
    }  # fmt: skip
    config = {
        "architecture": named, "num_classes": outputs, "num_features": args["embed_dim"],
        "global_pool": "token", "pretrained_cfg": pictures, "model_args": args,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(network.state_dict(), folder / "model.safetensors")


def _onnx(folder: Path, spec: Spec, real: bool, seed: int) -> None:
    """Write a residual network for faces, as InsightFace's are exported."""
    file = folder / spec["file"]
    file.parent.mkdir(parents=True, exist_ok=True)
    write_iresnet(file, spec["size"], real, seed)


Writer = Callable[[Path, Spec, bool, int], None]

#: Family of the registry -> what writes its repositories.
WRITERS: dict[str, Writer] = {"open_clip": _open_clip, "timm": _timm, "onnx": _onnx}
