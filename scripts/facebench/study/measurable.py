"""What of a study can't be measured, and what would mean nothing: told before it runs."""

from collections.abc import Mapping
from typing import Any

from facebench.datasets import READERS
from facebench.errors import UserError
from facebench.evaluation import PROTOCOLS
from facebench.models import reads_text
from facebench.study import plan

Config = Mapping[str, Any]

#: What `facts.data` says of models that were trained on rendered faces alone.
RENDERED_FACES = "invented people"


def left_out(config: Config) -> list[str]:
    """Return a sentence on every chosen protocol that a data set or a model can't serve."""
    study, sentences = config["evaluate"], []
    for dataset in study["datasets"]:
        spec, wanted = config["datasets"][dataset], plan.chosen(config, dataset, "protocols")
        for what in ("crops", "protocols"):
            if not plan.chosen(config, dataset, what):
                sentences.append(f"evaluate.only leaves {dataset} none of the study's {what}.")
        attacked = study.get("only", {}).get(dataset, {}).get("attacked_crops")
        if attacked and study.get("attacks") and not set(attacked) & set(study["crops"]):
            sentences.append(f"evaluate.only leaves {dataset} no crop in which attacks are tried.")
        for name in wanted:
            if PROTOCOLS[name].pairs and not plan.has_pairs(spec):
                sentences.append(f"{name} needs a list of pairs; {dataset} has none.")
            if PROTOCOLS[name].names and not plan.has_names(spec):
                sentences.append(f"{name} needs the people's names; {dataset} has none.")
    silent = [model for model in study["models"] if not reads_text(config["models"][model])]
    for name in study["protocols"]:
        if PROTOCOLS[name].names and silent:
            sentences.append(f"{name} needs a model that reads text, unlike {', '.join(silent)}.")
    return sentences


def warnings(config: Config) -> list[str]:
    """Return sentences on models that can't know the faces they are asked about, or aimed with."""
    study = config["evaluate"]
    photographs = [
        name
        for name in study["datasets"]
        if not READERS[config["datasets"][name]["reader"]].rendered
    ]
    if not photographs:
        return []
    where, sentences = ", ".join(photographs), []
    if unfit := [name for name in study["models"] if knows_rendered_faces_only(config, name)]:
        were = "was" if len(unfit) == 1 else "were"
        sentences.append(
            f"{', '.join(unfit)} {were} trained on rendered faces alone: what they find among the"
            f" photographs of {where} says nothing about models that know photographs."
        )
    blind = {
        attack: unfit
        for attack in study["attacks"]
        if (used := config["attacks"][attack].get("surrogates", []))
        and (unfit := [name for name in used if knows_rendered_faces_only(config, name)])
    }
    if blind:
        one, names = len(blind) == 1, sorted({name for unfit in blind.values() for name in unfit})
        sentences.append(
            f"{', '.join(blind)} {'looks' if one else 'look'} into {', '.join(names)}, of which"
            f" none knows photographs: {'its effect' if one else 'their effects'} on those of"
            f" {where} say{'s' if one else ''} nothing about better surrogates."
        )
    return sentences


def knows_rendered_faces_only(config: Config, model: str) -> bool:
    """Return whether a model comes with the program, or is trained here, on invented people."""
    spec = config["models"][model]
    ours = [f"trained/{recipe}" for recipe in config.get("pretrain", {}).get("recipes", {})]
    return spec.get("facts", {}).get("data") == RENDERED_FACES or spec.get("path") in ours


def something_to_measure(config: Config) -> None:
    """Raise `UserError` if no data set and model of a study can serve any chosen protocol.

    Also if its experiments with attacks name a data set that doesn't exist.
    """
    for key, known in (
        ("poison.decoys", list(config["datasets"])),
        ("poison.my_cloaks", config["evaluate"]["datasets"]),
        ("poison.reencoded_attacks", list(config.get("attacks", {}))),
        ("scale.strangers", list(config["datasets"])),
        (
            "identity_inference.never_read",
            [n for n, d in config["datasets"].items() if plan.has_names(d)],
        ),
    ):
        section, _, what = key.partition(".")
        for name in config.get(section, {}).get(what, []):
            if name not in known:
                raise UserError(f"{key} names {name!r}; allowed: {', '.join(known)}")
    for name, spec in config.get("all_pairs", {}).get("lists", {}).items():
        if spec["dataset"] not in config["datasets"]:
            raise UserError(
                f"all_pairs.lists.{name}.dataset names {spec['dataset']!r}; allowed:"
                f" {', '.join(config['datasets'])}"
            )
    sizes = config.get("scale", {}).get("sizes", [])
    if odd := [size for size in sizes if size % min(sizes)]:
        raise UserError(
            f"scale.sizes has {', '.join(map(str, odd))}: all must be multiples of the smallest,"
            f" {min(sizes)}: larger galleries are put together of parts of that size."
        )
    if not plan.metric_tables(config):
        raise UserError(f"Nothing that is asked for can be measured: {' '.join(left_out(config))}")
