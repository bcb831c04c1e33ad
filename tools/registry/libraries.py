"""What open_clip and timm know of an entry of `models/`: where it is, and what it expects."""

from collections.abc import Mapping
from typing import Any

from facebench.models.openclip_configs import QUICK, architecture, tag_config
from tools.registry import sizes

#: Mean and deviation by the name that timm has for them.
MEANS = {
    (0.48145466, 0.4578275, 0.40821073): "openai",
    (0.485, 0.456, 0.406): "imagenet",
    (0.5, 0.5, 0.5): "inception",
    (0.0, 0.0, 0.0): "none",
}

Known = dict[str, Any]


def knows(spec: Mapping[str, Any]) -> bool:
    """Return whether a library knows an entry: a tag of open_clip, or a model that timm publishes.

    >>> knows({"family": "open_clip", "arch": "RN50-quickgelu", "pretrained": "openai"})
    True
    >>> knows({"family": "timm", "repo": "someone/else"})
    False
    """
    if spec["family"] == "open_clip":
        return "pretrained" in spec
    return spec["family"] == "timm" and timm_config(spec.get("repo", "")) is not None


def looked_up(spec: Mapping[str, Any]) -> tuple[Known, Known]:
    """Return what is known of an entry without building it: keys of the entry, keys of its facts.

    Raises `UserError` for a tag that open_clip doesn't have, or one of another activation than the
    architecture's.
    """
    return _clip(spec) if spec["family"] == "open_clip" else _timm(spec)


def counted(spec: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[Known, Known]:
    """Return what is known of an entry once it is built: keys of the entry, keys of its facts."""
    if spec["family"] == "open_clip":
        # The activation makes no difference, and one network less is built.
        size = sizes.of_clip(spec["arch"].removesuffix(QUICK), facts["pixels"])
    else:
        name = spec["repo"].removeprefix("timm/")
        size = sizes.of_timm(name, spec["global_pool"], facts["pixels"])
    numbers = {"params_m": round(size.tower / 1e6, 2), "gflops": round(size.flops / 1e9, 2)}
    return sizes.resources(size), {"dim": size.dim, **numbers}


def _clip(spec: Mapping[str, Any]) -> tuple[Known, Known]:
    tag, config = tag_config(spec["arch"], spec["pretrained"]), architecture(spec["arch"])
    facts = {
        "pixels": config["vision_cfg"]["image_size"],
        "dim": config["embed_dim"],
        "preprocess": f"{tag['resize_mode']} {tag['interpolation']} {MEANS[tag['mean']]}",
        "quick_gelu": bool(tag.get("quick_gelu")),
    }
    return {"repo": tag["hf_hub"].rstrip("/")}, facts


def _timm(spec: Mapping[str, Any]) -> tuple[Known, Known]:
    config = timm_config(spec["repo"])
    how = f"shortest {config.interpolation} {MEANS[config.mean]}"
    return {}, {"pixels": config.input_size[-1], "preprocess": how}


def timm_config(repo: str) -> Any:
    """Return what timm knows of the model in a repository of its own; None for any other."""
    from timm.models import get_pretrained_cfg, is_model_pretrained

    name = repo.removeprefix("timm/")
    if name == repo or not is_model_pretrained(name):
        return None
    return get_pretrained_cfg(name)
