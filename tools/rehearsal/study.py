"""The studies of a rehearsal: those of `studies/`, with the models that stand for theirs."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from facebench.study.config import checked
from facebench.study.model_files import laid_over, registry
from tools.rehearsal.families import OTHERS, Chosen, chosen

ROOT = Path(__file__).parents[2]

#: What a smaller network of the untrained control is, under the same name.
SMALL_CONTROL = {"random-vit-b-32": {"arch": "ViT-S-32-alt"}}

#: Fewer draws of the intervals, and a rate that 15 people resolve: others are refused in words.
SETTINGS = {"statistics": {"draws": 200}, "verify": {"far": [0.1, 0.01, 0.001, 0.0001]}}

ABOUT = """\
# Written by `make rehearsal`, laid over studies/{name}.yaml. Weights are drawn at random and people
# are rendered: no number of this study says anything about a model.
"""


def file_of(name: str) -> Path:
    """Return the file of a study of the project."""
    return ROOT / "studies" / f"{name}.yaml"


def models_of(names: Iterable[str], gigabytes: float) -> list[Chosen]:
    """Return the models that stand for those of some studies, and those of other formats."""
    asked = [model for name in names for model in read(file_of(name))["evaluate"]["models"]]
    return chosen(dict.fromkeys([*asked, *OTHERS]), registry(), gigabytes)


def overlay(models: Iterable[Chosen]) -> dict[str, Any]:
    """Return what is laid over each study: its models, and `SETTINGS`."""
    models = list(models)
    changed = {one.called: smaller_entry(one.spec) for one in models if one.called != one.name}
    control = {
        one.name: SMALL_CONTROL[one.name]
        for one in models
        if one.name in SMALL_CONTROL and not one.real
    }
    return {
        "evaluate": {"models": [one.called for one in models]},
        "models": {**changed, **control},
        **SETTINGS,
    }


def smaller_entry(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry of a smaller network, which its repository describes.

    What was trained on the same data stays so: claims compare such models.
    """
    keys = {"family", "repo", "revision", "file", "size", "mean", "std"} & spec.keys()
    told = {"data", "crop", "licence", "commercial"} & spec.get("facts", {}).keys()
    entry = {key: spec[key] for key in sorted(keys)}
    return {**entry, "threads": 1, "facts": {key: spec["facts"][key] for key in sorted(told)}}


def write_study(folder: Path, name: str, models: Iterable[Chosen]) -> Path:
    """Write the overlay of a study, called as the study is; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(overlay(models), allow_unicode=True, sort_keys=False)
    (folder / f"{name}.yaml").write_text(ABOUT.format(name=name) + text, encoding="utf-8")
    return folder / f"{name}.yaml"


def config_of(name: str, overlaid: Path) -> dict[str, Any]:
    """Return the whole configuration of a rehearsed study, checked."""
    config: dict[str, Any] = {}
    for file in (ROOT / "config.yaml", file_of(name), overlaid):
        config = laid_over(config, read(file))
    return {**checked(config, ROOT / "rules" / "schema"), "study": name}


def read(file: Path) -> dict[str, Any]:
    """Return what a YAML file holds."""
    return yaml.safe_load(file.read_text(encoding="utf-8")) or {}
