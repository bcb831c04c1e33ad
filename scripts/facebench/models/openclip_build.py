"""Building an open_clip network, and what it reads text with: nothing is fetched unsaid."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facebench.errors import UserError
from facebench.logs import LOG
from facebench.models.network_configs import building
from facebench.models.openclip_configs import CONFIG, LOCAL, architecture, check_folder
from facebench.models.openclip_library import openclip
from facebench.timing import loading

if TYPE_CHECKING:
    import torch


def check_size(name: str, most: int) -> None:
    """Refuse a description of a network with more than `most` parameters (`UserError`)."""
    if name.startswith(LOCAL):
        count = count_of(build(name, device="meta"))
        if count > most:
            raise UserError(
                f"{Path(name.removeprefix(LOCAL)) / CONFIG} describes a network of {count:,}"
                " parameters, which isn't that of these weights."
            )


def build(
    name: str, preprocess: Mapping[str, Any] | None = None, seed: int = 0, device: str = "cpu"
) -> "torch.nn.Module":
    """Return the network of an architecture (or of a "local-dir:"), its weights drawn from `seed`.

    `preprocess` is what open_clip knows about weights that are loaded afterwards. Nothing is
    fetched: no part of the network may be elsewhere.
    """
    import torch

    open_clip = openclip()
    if name.startswith(LOCAL):
        check_folder(Path(name.removeprefix(LOCAL)) / CONFIG)
    elif (text := architecture(name)["text_cfg"].get("hf_model_name")) is not None:
        raise UserError(
            f"{name} has the text tower {text} of the library transformers, which facebench doesn't"
            " load."
        )
    with building(name), quiet(), torch.random.fork_rng(devices=[]), torch.device(device):
        torch.manual_seed(seed)
        return open_clip.create_model(
            name,
            load_weights=False,
            pretrained_text=False,
            device=device,
            force_preprocess_cfg=dict(preprocess or {}),
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence open_clip's progress, and its warning that weights are still random."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@cache
def tokenizer(name: str) -> Any:
    """Return an architecture's tokenizer; asked for only where text is read.

    Raises `UserError` where it isn't here and can't be fetched.
    """
    open_clip = openclip()
    if not name.startswith(LOCAL):
        theirs = architecture(name)["text_cfg"].get("hf_tokenizer_name")
        if theirs:
            LOG.info("%s reads text with %s, which is looked for on the hub", name, theirs)
    try:
        with quiet(), loading():
            return open_clip.get_tokenizer(name)
    except (ImportError, OSError, ValueError, LookupError, TypeError) as error:
        why = str(error).strip().partition("\n")[0][:200]
        raise UserError(
            f"What {name.removeprefix(LOCAL)} reads text with isn't here: {why}"
        ) from error


def count_of(network: "torch.nn.Module") -> int:
    """Return the number of parameters."""
    return sum(parameter.numel() for parameter in network.parameters())
