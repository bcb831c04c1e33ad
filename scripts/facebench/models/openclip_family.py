"""CLIP models of open_clip: a tag, a hub repository, a local folder, or a checkpoint."""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facebench.errors import UserError
from facebench.models import openclip_configs
from facebench.models.checkpoints import check_state, count_parameters, fitting, stored
from facebench.models.encoder import Encoder
from facebench.models.features import DEFAULT, Reader, tokens_of
from facebench.models.hub import Wanted
from facebench.models.openclip_build import build, check_size, count_of, quiet, tokenizer
from facebench.models.openclip_configs import LOCAL, tag_config
from facebench.models.openclip_library import openclip
from facebench.models.torch_encoder import torch_encoder
from facebench.pictures.preprocess import Preprocess
from facebench.places import local
from facebench.store.records import library_versions

if TYPE_CHECKING:
    import torch

CONFIG = (openclip_configs.CONFIG,)
WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
)


def wanted(
    arch: str | None = None,
    pretrained: str | None = None,
    repo: str | None = None,
    revision: str = "main",
    path: str | None = None,
    feature: str = DEFAULT,
) -> Wanted:
    """Return where the files are.

    `arch` with `pretrained`: the tag's repository (`repo` may name it, or a mirror of it); `repo`
    alone: a repository with an open_clip_config.json; `path`: such a folder, or a checkpoint with
    such a file beside it, or with `arch`. Raises `UserError` for a `feature` that the network
    hasn't, where a file here, or `arch`, says what the network is.
    """
    if path is not None:
        place = local(path)
        check_feature(arch, place if place.is_dir() else place.parent, feature)
        if place.is_dir():
            return Wanted({"config": CONFIG, "weights": WEIGHTS}, folder=place)
        beside = (place.parent / CONFIG[0]).is_file()
        if arch is None and not beside:
            raise UserError(
                f"{path} is no folder; if it is a checkpoint, say its architecture (`arch`), or put"
                f" its {CONFIG[0]} beside it."
            )
        config = {"config": CONFIG} if beside else {}
        return Wanted({**config, "weights": (place.name,)}, folder=place.parent)
    if arch is None and repo is not None:
        return Wanted({"config": CONFIG, "weights": WEIGHTS}, repo=repo, revision=revision)
    if arch is None or pretrained is None:
        raise UserError(
            "A model of family open_clip needs `arch` and `pretrained`, or `repo`, or `path`."
        )
    check_feature(arch, None, feature)
    repo = repo or tag_config(arch, pretrained)["hf_hub"].rstrip("/")
    return Wanted({"weights": WEIGHTS}, repo=repo, revision=revision)


def check_feature(arch: str | None, folder: Path | None, feature: str) -> None:
    """Refuse a feature that a network hasn't, before its weights are fetched or read.

    The network is that of the config in `folder`, or else of `arch`; nothing is known without both.
    """
    if feature == DEFAULT:
        return
    described = folder is not None and (folder / CONFIG[0]).is_file()
    name = f"{LOCAL}{folder}" if described else arch
    if name is not None:
        network: Any = build(name, device="meta")
        tokens_of(network.visual, name.removeprefix(LOCAL))


def load(
    files: Mapping[str, Path] | None = None,
    arch: str | None = None,
    pretrained: str | None = None,
    device: str = "auto",
    precision: str = "auto",
    feature: str | Sequence[str] = DEFAULT,
    **spec: Any,
) -> Encoder:
    """Return the encoder; see `encoder` for `feature`.

    Raises `UserError` for weights that aren't those of the network.
    """
    open_clip = openclip()
    files = files or wanted(arch=arch, pretrained=pretrained, **spec).find().files
    given = expected(files, arch, pretrained)
    name, weights = name_of(files, arch), Path(files["weights"])
    held, told = stored(weights), name.removeprefix(LOCAL)
    check_size(name, 4 * sum(prod(tensor.shape) for tensor in held.values()))
    network = build(name, given)
    check_state(weights, held, network, told)
    with fitting(weights, told), quiet():
        open_clip.load_checkpoint(network, str(weights), weights_only=True)
    return encoder(network, name, device, precision, feature)


def expected(files: Mapping[str, Path], arch: str | None, pretrained: str | None) -> dict[str, Any]:
    """Return what the weights expect of pictures, where no config file beside them says so.

    Raises `UserError` where the weights are of another architecture, as far as is known here.
    """
    if arch and pretrained:
        return tag_config(arch, pretrained)
    if "config" in files:
        openclip_configs.check_folder(Path(files["config"]), arch)
        return {}
    return openclip_configs.pictures_of(str(arch), Path(files["weights"]))


def name_of(files: Mapping[str, Path], arch: str | None) -> str:
    """Return open_clip's name for what a config file describes, or else `arch`."""
    return f"{LOCAL}{Path(files['config']).parent}" if "config" in files else str(arch)


def encoder(
    network: Any,
    name: str,
    device: str,
    precision: str,
    feature: str | Sequence[str] = DEFAULT,
) -> Encoder:
    """Return the encoder around a network of open_clip.

    feature: which of `FEATURES` its rows are; of several, a row has them side by side, and
    `parts` says how long each is. Only those with the projection read text.
    """

    def text(sentences: Sequence[str], chosen: "torch.device") -> "torch.Tensor":
        return text_rows(network, tokenizer(name)(list(sentences)).to(chosen))

    libraries = library_versions("open-clip-torch", "torch", "torchvision")
    preprocess = preprocess_of(network.visual.preprocess_cfg)
    features = (feature,) if isinstance(feature, str) else tuple(feature)
    if "mean" not in features:
        spare_unused_tokens(network.visual)
    if features == (DEFAULT,):
        forward = network.encode_image
        made = torch_encoder(network, forward, preprocess, device, precision, libraries, text)
        made.logit_scale = scale_of(network)
        return made
    reader = Reader(network, features, name.removeprefix(LOCAL))
    reads = text if DEFAULT in features else None
    made = torch_encoder(network, reader, preprocess, device, precision, libraries, reads)
    made.parts = reader.lengths
    made.logit_scale = scale_of(network) if reads else None
    return made


def scale_of(network: Any) -> float:
    """Return what a network multiplies inner products with, to 6 digits: at most 100 in CLIP."""
    return float(f"{float(network.logit_scale.exp()):.6g}")


def spare_unused_tokens(tower: Any) -> None:
    """Let the last block of a vision transformer work on its class token only.

    The tower's output is made from that token alone, so the block's other queries and their MLP
    are thrown away: a twelfth of a ViT-B's work. Towers that pool otherwise are left as they are.
    """
    parts = openclip().transformer
    if (
        type(tower) is not parts.VisionTransformer
        or tower.pool_type != "tok"
        or tower.output_tokens
    ):
        return
    block = tower.transformer.resblocks[-1]
    batch_first = getattr(tower.transformer, "batch_first", False)
    if (
        type(block) is not parts.ResidualAttentionBlock
        or tower.attn_pool is not None
        or not batch_first
    ):
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
    """Return the number of parameters of the model and of its image tower.

    Raises `UserError` as `expected` does.
    """
    weights = (files or {}).get("weights")
    if files and weights is not None:
        expected(files, arch, spec.get("pretrained"))
    if weights is not None and Path(weights).suffix == ".safetensors":
        return count_parameters(weights), count_parameters(weights, prefix="visual.")
    name = name_of(files or {}, arch)
    network: Any = build(name, device="meta")
    return count_of(network), count_of(network.visual)
