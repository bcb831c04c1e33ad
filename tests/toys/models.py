"""Models small enough to make and load in a test, in the layouts of open_clip and timm."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

TOWERS = {
    "embed_dim": 16,
    "vision_cfg": {
        "image_size": 32,
        "layers": 2,
        "width": 32,
        "head_width": 16,
        "patch_size": 16,
    },
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}

MEAN = [0.5, 0.4, 0.3]


def tiny_clip(folder, seed=0):
    """Write an open_clip model to `folder`, as `push_to_hf_hub` does; return its state."""
    from open_clip import CLIP

    torch.manual_seed(seed)
    network = CLIP(**TOWERS)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "model_cfg": TOWERS,
        "preprocess_cfg": {"mean": MEAN, "std": [0.5] * 3, "interpolation": "bilinear"},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, folder / "open_clip_model.safetensors")
    return state


def tiny_timm(folder, seed=0):
    """Write a face model in timm's format to `folder`, as those trained on MS1MV3 are published."""
    import timm

    torch.manual_seed(seed)
    args = {"patch_size": 8, "depth": 1, "embed_dim": 24, "num_heads": 2}
    network = timm.create_model("vit_tiny_patch16_224", num_classes=20, img_size=112, **args)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architecture": "vit_tiny_patch16_224",
        "num_classes": 20,
        "num_features": 24,
        "global_pool": "token",
        "pretrained_cfg": {
            "input_size": [3, 112, 112],
            "fixed_input_size": True,
            "interpolation": "bicubic",
            "crop_pct": 1.0,
            "crop_mode": "center",
            "mean": [0.5] * 3,
            "std": [0.5] * 3,
            "num_classes": 20,
            "first_conv": "patch_embed.proj",
            "classifier": "head",
        },
        "model_args": args,
    }
    (folder / "config.json").write_text(json.dumps(config))
    save_file(network.state_dict(), folder / "model.safetensors")
    return network.eval()


def pictures(n, size=(32, 32)):
    """Return n random pictures of a size, as encoders take them."""
    return np.random.default_rng(n).integers(0, 256, (n, 3, *size), dtype=np.uint8)
