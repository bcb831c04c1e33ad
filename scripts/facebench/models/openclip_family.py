"""CLIP models of open_clip: a tag, a hub repository, a local folder, or a checkpoint."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facebench.errors import UserError
from facebench.models.checkpoints import count_parameters, reading
from facebench.models.encoder import Encoder
from facebench.models.hub import Wanted, local
from facebench.models.torch_encoder import torch_encoder
from facebench.pictures.preprocess import Preprocess
from facebench.store.records import library_versions
from facebench.timing import loading

if TYPE_CHECKING:
    import torch

CONFIG = ("open_clip_config.json",)
WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
)
QUICK = "-quickgelu"


def wanted(
    arch: str | None = None,
    pretrained: str | None = None,
    repo: str | None = None,
    revision: str = "main",
    path: str | None = None,
) -> Wanted:
    """Return where the files are.

    `arch` with `pretrained`: the tag's repository (`repo` may name it, or a mirror of it); `repo`
    alone: a repository with an open_clip_config.json; `path`: such a folder, or with `arch` a
    checkpoint.
    """
    if path is not None:
        place = local(path)
        if place.is_dir():
            return Wanted({"config": CONFIG, "weights": WEIGHTS}, folder=place)
        if arch is None:
            raise UserError(
                f"{path} is no folder; if it is a checkpoint, say its architecture (`arch`)."
            )
        return Wanted({"weights": (place.name,)}, folder=place.parent)
    if arch is None and repo is not None:
        return Wanted({"config": CONFIG, "weights": WEIGHTS}, repo=repo, revision=revision)
    if arch is None or pretrained is None:
        raise UserError(
            "A model of family open_clip needs `arch` and `pretrained`, or `repo`, or `path`."
        )
    repo = repo or tag_config(arch, pretrained)["hf_hub"].rstrip("/")
    return Wanted({"weights": WEIGHTS}, repo=repo, revision=revision)


def tag_config(arch: str, tag: str) -> dict[str, Any]:
    """Return what open_clip knows about the weights `tag` of `arch`: repository, mean, deviation.

    Refuses a tag that was trained with another activation than `arch` has, which open_clip only
    warns of: its vectors would be wrong.
    """
    import open_clip
    from open_clip.pretrained import get_pretrained_cfg, list_pretrained_tags_by_model

    config = architecture(arch)
    plain = arch.removesuffix(QUICK)
    tag_of = get_pretrained_cfg(arch, tag) or get_pretrained_cfg(plain, tag)
    if not tag_of:
        known = sorted(list_pretrained_tags_by_model(arch))
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


def architecture(arch: str) -> dict[str, Any]:
    """Return open_clip's definition of an architecture."""
    import difflib

    import open_clip

    config = open_clip.get_model_config(arch)
    if config is None:
        close = difflib.get_close_matches(arch, open_clip.list_models(), n=3)
        meant = f" (did you mean {' or '.join(close)}?)" if close else ""
        raise UserError(f"open_clip has no architecture {arch}{meant}.")
    return config


def load(
    files: Mapping[str, Path] | None = None,
    arch: str | None = None,
    pretrained: str | None = None,
    device: str = "auto",
    precision: str = "auto",
    **spec: Any,
) -> Encoder:
    """Return the encoder."""
    from open_clip.factory import load_checkpoint

    files = files or wanted(arch=arch, pretrained=pretrained, **spec).find().files
    given = tag_config(arch, pretrained) if arch and pretrained else {}
    name = arch or f"local-dir:{Path(files['config']).parent}"
    network = build(name, given)
    with reading(files["weights"]):
        load_checkpoint(network, str(files["weights"]), weights_only=True)
    return encoder(network, name, device, precision)


def build(
    name: str, preprocess: Mapping[str, Any] | None = None, seed: int = 0, device: str = "cpu"
) -> "torch.nn.Module":
    """Return the network of an architecture (or of a "local-dir:"), its weights drawn from `seed`.

    `preprocess` is what open_clip knows about weights that are loaded afterwards.
    """
    import open_clip
    import torch

    if not name.startswith("local-dir:"):
        architecture(name)
    try:
        with quiet(), torch.random.fork_rng(devices=[]), torch.device(device):
            torch.manual_seed(seed)
            return open_clip.create_model(
                name,
                load_weights=False,
                device=device,
                force_preprocess_cfg=dict(preprocess or {}),
            )
    except ImportError as error:
        raise UserError(f"{name} needs a library that facebench doesn't install: {error}") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Silence open_clip's progress, and its warning that weights are still random."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def encoder(network: Any, name: str, device: str, precision: str) -> Encoder:
    """Return the encoder around a network of open_clip."""

    def text(sentences: Sequence[str], chosen: "torch.device") -> "torch.Tensor":
        return text_rows(network, tokenizer(name)(list(sentences)).to(chosen))

    libraries = library_versions("open-clip-torch", "torch", "torchvision")
    preprocess = preprocess_of(network.visual.preprocess_cfg)
    spare_unused_tokens(network.visual)
    return torch_encoder(
        network, network.encode_image, preprocess, device, precision, libraries, text
    )


@cache
def tokenizer(name: str) -> Any:
    """Return an architecture's tokenizer; asked for only where text is read."""
    import open_clip

    try:
        with quiet(), loading():
            return open_clip.get_tokenizer(name)
    except ImportError as error:
        raise UserError(f"The text of {name} needs a library that isn't here: {error}") from None


def spare_unused_tokens(tower: Any) -> None:
    """Let the last block of a vision transformer work on its class token only.

    The tower's output is made from that token alone, so the block's other queries and their MLP
    are thrown away: a twelfth of a ViT-B's work. Towers that pool otherwise are left as they are.
    """
    from open_clip.transformer import ResidualAttentionBlock, VisionTransformer

    if type(tower) is not VisionTransformer or tower.pool_type != "tok" or tower.output_tokens:
        return
    block = tower.transformer.resblocks[-1]
    batch_first = getattr(tower.transformer, "batch_first", False)
    if type(block) is not ResidualAttentionBlock or tower.attn_pool is not None or not batch_first:
        return

    def forward(x: "torch.Tensor", attn_mask: None = None) -> "torch.Tensor":
        every = block.ln_1(x)
        first = x[:, :1] + block.ls_1(block.attention(every[:, :1], every, every))
        return first + block.ls_2(block.mlp(block.ln_2(first)))

    block.forward = forward


def preprocess_of(config: Mapping[str, Any]) -> Preprocess:
    """Return what open_clip's transform for inference does under its `preprocess_cfg`."""
    size = config["size"]
    height, width = (size, size) if isinstance(size, int) else size
    # open_clip resizes bicubically, whatever is configured, for an oblong whose shape it keeps.
    oblong = config["resize_mode"] == "shortest" and height != width
    return Preprocess(
        size=(height, width),
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        interpolation="bilinear"
        if config["interpolation"] == "bilinear" and not oblong
        else "bicubic",
        resize_mode=config["resize_mode"],
        fill=(config["fill_color"],) * 3,
    )


def text_rows(network: Any, tokens: "torch.Tensor") -> "torch.Tensor":
    """Return the text tower's rows for tokens (n, context), computed without the padding.

    A causal tower reads its sentence at the end mark and never sees what follows, so the context
    is cut behind the last end mark: names are short, and this takes a fifth of the time.
    """
    import torch

    mask = getattr(network, "attn_mask", None)
    if mask is None or getattr(network, "text_pool_type", None) != "argmax":
        return network.encode_text(tokens)
    used = int(tokens.argmax(dim=1).max()) + 1
    shorter = {
        "positional_embedding": network.positional_embedding[:used],
        "attn_mask": mask[:used, :used],
    }
    return torch.func.functional_call(
        network, shorter, kwargs={"image": None, "text": tokens[:, :used]}, strict=False
    )[1]


def parameters(
    files: Mapping[str, Path] | None = None, arch: str | None = None, **spec: Any
) -> tuple[int, int]:
    """Return the number of parameters of the model and of its image tower; checks the tag."""
    if arch and spec.get("pretrained"):
        tag_config(arch, spec["pretrained"])
    weights = (files or {}).get("weights")
    if weights is not None and Path(weights).suffix == ".safetensors":
        return count_parameters(weights), count_parameters(weights, prefix="visual.")
    name = arch or f"local-dir:{Path((files or {})['config']).parent}"
    network: Any = build(name, device="meta")
    return _count(network), _count(network.visual)


def _count(network: "torch.nn.Module") -> int:
    return sum(parameter.numel() for parameter in network.parameters())
