"""What a model is trained for. `OBJECTIVES[name](folder, album, seed)`: a network and its loss."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from facebench.models import openclip_family, timm_family
from facebench.models.openclip_library import openclip
from facebench.pictures.preprocess import Preprocess
from facebench.store.atomic import write_json
from facebench.training.album import Album
from facebench.training.sentences import sentences
from facebench.training.tokenizer import write_tokenizer

if TYPE_CHECKING:
    import torch

#: Sentences about every picture; another is drawn each time that it is shown.
CAPTIONS = 8

#: Of CosFace (Wang and others, CVPR 2018), milder than for millions of photographs.
MARGIN, SCALE = 0.1, 16.0


class Objective(Protocol):
    """A network, all that is trained with it, what it does to pictures, and its loss."""

    network: "torch.nn.Module"
    preprocess: Preprocess

    #: The file that the family's loader reads.
    weights: str

    @staticmethod
    def describe(folder: Path, architecture: Mapping[str, Any], table: pd.DataFrame) -> None:
        """Write to `folder` what describes a network, all but the weights."""

    def modules(self) -> list["torch.nn.Module"]:
        """Return everything that has parameters to train."""

    def loss(
        self, pictures: "torch.Tensor", rows: "torch.Tensor", chance: "torch.Generator"
    ) -> "torch.Tensor":
        """Return the loss of normalised pictures (n, 3, h, w), which are `rows` of the album."""


class Contrastive:
    """CLIP's loss over a batch: which caption belongs to which picture?"""

    weights = openclip_family.WEIGHTS[0]

    @staticmethod
    def describe(folder: Path, architecture: Mapping[str, Any], table: pd.DataFrame) -> None:
        config = {key: architecture[key] for key in ("model_cfg", "preprocess_cfg")}
        write_json(folder / openclip_family.CONFIG[0], config)
        text = architecture["model_cfg"]["text_cfg"]
        # Of the own names, whatever the captions say: recipes that differ in captions alone have
        # the same pieces of words.
        told = (lines[0] for lines in sentences(table.drop(columns="says", errors="ignore"), 1))
        write_tokenizer(told, text["vocab_size"], text["context_length"], folder)

    def __init__(self, folder: Path, album: Album, seed: int) -> None:
        import torch

        name = f"local-dir:{folder}"
        network: Any = openclip_family.build(name, seed=seed)
        self.network = network
        self.preprocess = openclip_family.preprocess_of(network.visual.preprocess_cfg)
        told = [line for lines in sentences(album.table, CAPTIONS) for line in lines]
        tokens = openclip_family.tokenizer(name)(told)
        self.tokens = tokens.to(torch.int32).view(len(album.table), CAPTIONS, -1)
        self.match = openclip().ClipLoss()

    def modules(self) -> list["torch.nn.Module"]:
        return [self.network]

    def loss(
        self, pictures: "torch.Tensor", rows: "torch.Tensor", chance: "torch.Generator"
    ) -> "torch.Tensor":
        import torch

        which = torch.randint(CAPTIONS, (len(rows),), generator=chance)
        tokens = self.tokens[rows, which].to(pictures.device, torch.int64)
        images = self.network.encode_image(pictures, normalize=True).float()
        texts = openclip_family.text_rows(self.network, tokens).float()
        scale = self.network.logit_scale.exp().clamp(max=100)
        loss: torch.Tensor = self.match(images, texts, scale)
        return loss


class Margin:
    """A softmax over the people with a margin: whose picture is this?"""

    weights = timm_family.NAMES["weights"][0]

    @staticmethod
    def describe(folder: Path, architecture: Mapping[str, Any], table: pd.DataFrame) -> None:
        write_json(folder / timm_family.NAMES["config"][0], architecture)

    def __init__(self, folder: Path, album: Album, seed: int) -> None:
        import torch
        from pytorch_metric_learning.losses import CosFaceLoss

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network, self.preprocess = timm_family.build(folder)
            width = self.network.num_classes
            self.softmax = CosFaceLoss(album.identities, width, margin=MARGIN, scale=SCALE)
        self.people = album.people

    def modules(self) -> list["torch.nn.Module"]:
        return [self.network, self.softmax]

    def loss(
        self, pictures: "torch.Tensor", rows: "torch.Tensor", chance: "torch.Generator"
    ) -> "torch.Tensor":
        people = self.people[rows].to(pictures.device)
        loss: torch.Tensor = self.softmax(self.network(pictures).float(), people)
        return loss


OBJECTIVES: Mapping[str, type[Contrastive] | type[Margin]] = {
    "contrastive": Contrastive,
    "margin": Margin,
}
