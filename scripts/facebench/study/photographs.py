"""Attacks on whole photographs: which they are, what their steps need, whether they can be made."""

from collections.abc import Callable, Mapping
from typing import Any

from facebench.attacks import ATTACKS
from facebench.errors import UserError
from facebench.store import layout
from facebench.study import attack_plan, jobs

Config = Mapping[str, Any]

#: The kinds of crop that show a square about the face: those of `facebench.pictures.crops.FRAMES`,
#: which needs libraries that aren't there while Snakemake plans on a cluster.
FRAME_KINDS = ("box", "similarity")


def on_crops(config: Config) -> list[str]:
    """Return the chosen attacks that are made on crops."""
    return [name for name in config["evaluate"]["attacks"] if not _photographs(config, name)]


def on_photographs(config: Config) -> list[str]:
    """Return the chosen attacks that are made on whole photographs."""
    return [name for name in config["evaluate"]["attacks"] if _photographs(config, name)]


def crops_looked_through(config: Config, attack: str) -> list[str]:
    """Return the crop that each surrogate of an attack on photographs looks through.

    Of an attack without surrogates, the crops whose frames are changed.
    """
    spec, crops = config["attacks"][attack], _photographs(config, attack)
    many = len(spec.get("surrogates", []))
    return crops * many if len(crops) == 1 and many else crops


def check(config: Config) -> None:
    """Raise `UserError` for an attack on photographs that can't be made so."""
    for attack in on_photographs(config):
        spec, key = config["attacks"][attack], f"attacks.{attack}.photographs"
        if not ATTACKS[spec["kind"]].photographs:
            able = ", ".join(name for name, kind in ATTACKS.items() if kind.photographs)
            raise UserError(
                f"{key}: the kind {spec['kind']} works on crops only; {able} work on photographs."
            )
        many, crops = len(spec.get("surrogates", [])), spec["photographs"]
        if many and len(crops) not in (1, many):
            raise UserError(f"{key} needs one crop, or one for each of the {many} surrogates.")
        for crop in crops:
            if config["crops"].get(crop, {}).get("kind") not in FRAME_KINDS:
                raise UserError(
                    f"{key} names {crop!r}; it must be a crop of kind {' or '.join(FRAME_KINDS)}."
                )
            without = [
                name
                for name in attack_plan.attacked_datasets(config)
                if crop not in attack_plan.attacked_crops(config, name)
            ]
            if without:
                raise UserError(
                    f"{key} names the crop {crop}, in which {', '.join(without)} isn't attacked:"
                    " add it to evaluate.crops."
                )


def _photographs(config: Config, attack: str) -> list[str]:
    return list(config["attacks"][attack].get("photographs", []))


def faces_of(config: Config, dataset: str) -> Callable[[Any], list[str]]:
    """Return an input function: the clean faces of the crops that surrogates look through."""
    return lambda wildcards: [
        layout.faces(dataset, crop) for crop in _photographs(config, wildcards.attack)
    ]


def vectors_of(config: Config, dataset: str) -> Callable[[Any], list[str]]:
    """Return an input function: the rows of these faces under every surrogate, in parts."""

    def files(wildcards: Any) -> list[str]:
        surrogates = config["attacks"][wildcards.attack].get("surrogates", [])
        crops = crops_looked_through(config, wildcards.attack)
        return [
            path
            for model, crop in zip(surrogates, crops, strict=False)
            for path in jobs.vectors_of(config, dataset, crop, layout.CLEAN, model).embeddings
        ]

    return files


def specs_of(config: Config, wildcards: Any) -> list[dict[str, Any]]:
    """Return what the crops are that surrogates look through (a Snakemake params function)."""
    return [config["crops"][crop] for crop in _photographs(config, wildcards.attack)]
