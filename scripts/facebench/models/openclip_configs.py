"""What is known of an open_clip network before it is built: its architecture, tag and config file.

The same questions are asked of weights from anywhere: is this their architecture, with their
activation, and what do they expect of pictures?
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from facebench.errors import UserError
from facebench.logs import LOG
from facebench.models.network_configs import building, part_of, read_config
from facebench.models.openclip_library import openclip

CONFIG = "open_clip_config.json"
LOCAL = "local-dir:"
QUICK = "-quickgelu"

#: What a tag, or a config file, says of pictures beside their size.
PICTURES = ("mean", "std", "interpolation", "resize_mode", "fill_color")

#: Of an architecture, what makes no difference to its vectors.
IGNORED = ("timm_model_pretrained", "hf_model_pretrained", "output_tokens")


def architecture(arch: str) -> dict[str, Any]:
    """Return open_clip's definition of an architecture."""
    import difflib

    open_clip = openclip()
    # With a colon, the name would be a place, in the net for example.
    config = None if ":" in arch else open_clip.get_model_config(arch)
    if config is None:
        close = difflib.get_close_matches(arch, open_clip.list_models(), n=3)
        meant = f" (did you mean {' or '.join(close)}?)" if close else ""
        raise UserError(f"open_clip has no architecture {arch}{meant}.")
    return config


def tag_config(arch: str, tag: str) -> dict[str, Any]:
    """Return what open_clip knows about the weights `tag` of `arch`: repository, mean, deviation.

    Refuses a tag that was trained with another activation than `arch` has, which open_clip only
    warns of: its vectors would be wrong.
    """
    open_clip = openclip()
    config = architecture(arch)
    plain = arch.removesuffix(QUICK)
    tag_of = open_clip.get_pretrained_cfg(arch, tag) or open_clip.get_pretrained_cfg(plain, tag)
    if not tag_of:
        known = sorted(open_clip.list_pretrained_tags_by_model(arch))
        raise UserError(f"open_clip has no weights {tag} for {arch}; it has {', '.join(known)}.")
    if bool(tag_of.get("quick_gelu")) != bool(config.get("quick_gelu")):
        right = plain + QUICK if tag_of.get("quick_gelu") else plain
        with_or_without = "with" if tag_of.get("quick_gelu") else "without"
        there = "" if right in open_clip.list_models() else " (which open_clip doesn't define)"
        raise UserError(
            f"The weights {tag} were trained {with_or_without} QuickGELU, so {arch} would give"
            f" wrong vectors: the right architecture is {right}{there}."
        )
    return tag_of


def pictures_of(arch: str, weights: Path) -> dict[str, Any]:
    """Return what the weights in a file of `arch`, with no config beside it, expect of pictures.

    That is what all known weights of the architecture expect. Raises `UserError` where these
    differ. Warns where some were trained with another activation, which no file tells.
    """
    open_clip = openclip()
    quick = bool(architecture(arch).get("quick_gelu"))
    named = open_clip.list_pretrained_tags_by_model(arch)
    tags = {tag: open_clip.get_pretrained_cfg(arch, tag) for tag in named}
    kinds = {repr(_pictures(tag)): _pictures(tag) for tag in tags.values()}
    if len(kinds) > 1:
        raise UserError(
            f"{weights} doesn't say what it expects of pictures, and known weights of {arch} expect"
            f" different things: put their {CONFIG} beside it."
        )
    if not kinds:
        LOG.warning("%s is taken to expect of pictures what OpenAI's models do", weights)
    if any(bool(tag.get("quick_gelu")) != quick for tag in tags.values()):
        has = "with" if quick else "without"
        LOG.warning(
            "%s doesn't say its activation: %s is %s QuickGELU, and some weights need the other",
            weights, arch, has,
        )  # fmt: skip
    return next(iter(kinds.values()), {})


def _pictures(tag: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tag[key] for key in PICTURES if key in tag}


def check_folder(config: Path, arch: str | None = None) -> None:
    """Refuse a folder's config that can't be built, or whose `arch` is another (`UserError`)."""
    found = read_config(config)
    network = part_of(found, "model_cfg", config)
    if not network:
        raise UserError(f"{config} has no model_cfg: it describes no network of open_clip.")
    vision, text = (part_of(network, key, config) for key in ("vision_cfg", "text_cfg"))
    if text.get("hf_model_name"):
        raise UserError(
            f"{config} has the text tower {text['hf_model_name']} of the library transformers,"
            " which facebench doesn't load."
        )
    if ":" in str(vision.get("timm_model_name")):
        raise UserError(f"{config} has an image tower that is elsewhere, which isn't loaded.")
    _check_pictures(part_of(found, "preprocess_cfg", config), config)
    if arch is None:
        return
    mine, theirs = _facts(network, config), _facts(architecture(arch), arch)
    different = [key for key in mine if mine[key] != theirs[key]]
    if different:
        told = ", ".join(f"{key} {mine[key]} and not {theirs[key]}" for key in different[:3])
        raise UserError(
            f"{config} describes another network than {arch} ({told}): remove `arch`, or the file"
            " if it isn't of these weights."
        )


def _facts(network: Mapping[str, Any], what: str | Path) -> dict[str, Any]:
    """Return all that an architecture says, with open_clip's defaults filled in."""
    open_clip = openclip()
    facts = {"embed_dim": network.get("embed_dim"), "quick_gelu": bool(network.get("quick_gelu"))}
    with building(what):
        towers = {
            "vision_cfg": asdict(open_clip.CLIPVisionCfg(**network["vision_cfg"])),
            "text_cfg": asdict(open_clip.CLIPTextCfg(**network["text_cfg"])),
        }
    for tower, said in towers.items():
        for key, value in said.items():
            if key not in IGNORED and "tokenizer" not in key:
                facts[f"{tower}.{key}"] = list(value) if isinstance(value, tuple) else value
    return facts


def _check_pictures(said: Mapping[str, Any], config: Path) -> None:
    """Refuse what no pictures can be made into (`UserError`)."""
    for key in ("mean", "std"):
        numbers = said.get(key)
        fits = isinstance(numbers, list) and len(numbers) == 3 and all(map(_is_number, numbers))
        if numbers is not None and (not fits or (key == "std" and not all(numbers))):
            raise UserError(f"{config} has the {key} {numbers}: three numbers are needed.")
    for key, allowed in (
        ("interpolation", ("bicubic", "bilinear", "random")),
        ("resize_mode", ("shortest", "longest", "squash")),
    ):
        if said.get(key) is not None and said[key] not in allowed:
            raise UserError(f"{config} has the {key} {said[key]!r}; it must be in {allowed}.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
