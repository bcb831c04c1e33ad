"""What a configuration asks of the experiments with attacks: tables, decoys, controls."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from facebench.attacks import ATTACKS, Kind
from facebench.datasets import READERS
from facebench.models import FAMILIES, reads_text
from facebench.protocols.poison import experiments
from facebench.store import layout
from facebench.study import fusions

Config = Mapping[str, Any]

#: The tables over several models.
OVER_MODELS = ("effects", "transfer", "groups", "votes")


def results(config: Config) -> list[str]:
    """Return the files that only a study with attacks makes."""
    tables = OVER_MODELS if cloaks(config) else ()
    over_models = [layout.result(config["study"], f"poison-{name}.parquet") for name in tables]
    return over_models + my_cloaks_pages(config)


def attacked(config: Config) -> list[tuple[str, str]]:
    """Return (data set, crop) of the experiments with attacks; none without an attack."""
    study = config["evaluate"]
    if not study.get("attacks"):
        return []
    only = study.get("only", {})
    return [
        (dataset, crop)
        for dataset in study["datasets"]
        for crop in study["crops"]
        if all(
            crop in only.get(dataset, {}).get(key, study["crops"])
            for key in ("crops", "attacked_crops")
        )
    ]


def attacked_datasets(config: Config) -> list[str]:
    """Return the data sets in which attacks are tried."""
    return list(dict.fromkeys(dataset for dataset, _ in attacked(config)))


def attacked_crops(config: Config, dataset: str) -> list[str]:
    """Return the crops of a data set in which attacks are tried."""
    return [crop for name, crop in attacked(config) if name == dataset]


def metric_tables(config: Config) -> list[str]:
    """Return the tables of metrics of all experiments with attacks, in which no fusion is asked."""
    return [
        layout.metrics(config["study"], dataset, crop, model, protocol)
        for dataset, crop in attacked(config)
        for model in fusions.without(config)
        for protocol in experiments_on(config, dataset, model)
    ]


def experiments_on(config: Config, dataset: str, model: str) -> list[str]:
    """Return the experiments that a data set and a model can serve.

    `poison`, where an attack hides people, `hub_pictures`, `hub_pictures_by_name`, `typographic`.
    """
    data = config["datasets"][dataset]
    named = READERS[data["reader"]].has_names(data)
    reads = named and reads_text(config["models"][model])
    asked = {
        "poison": cloaks(config),
        "hub_pictures": hub_attacks(config, by_name=False),
        "hub_pictures_by_name": reads and hub_attacks(config, by_name=True),
        "typographic": reads and writing_attacks(config),
    }
    return [name for name, attacks in asked.items() if attacks]


def outcomes(config: Config, protocol: str = "poison") -> list[str]:
    """Return the outcomes of an experiment, of all data sets, crops and models."""
    return [
        layout.outcomes(config["study"], dataset, crop, model, protocol)
        for dataset, crop in attacked(config)
        for model in fusions.without(config)
    ]


def my_cloaks_pages(config: Config) -> list[str]:
    """Return the paths of the configured answers in words."""
    wanted = config.get("poison", {}).get("my_cloaks", []) if cloaks(config) else []
    names = attacked_datasets(config)
    return [layout.my_cloaks(config["study"], name) for name in names if name in wanted]


def variants(config: Config) -> list[str]:
    """Return the variants other than `clean` that the experiments use."""
    hubs = [*hub_attacks(config, by_name=False), *hub_attacks(config, by_name=True)]
    return [*cloak_variants(config), *hubs]


def cloak_variants(config: Config) -> list[str]:
    """Return the variants other than `clean` that the experiments with cloaks use."""
    reencodings = config["evaluate"]["reencodings"]
    return experiments.variants(config["poison"], cloaks(config), reencodings)


def cloaks(config: Config) -> list[str]:
    """Return the chosen attacks that are tried as cloaks, with their controls."""
    return _chosen(config, lambda kind: kind.hides)


def writing_attacks(config: Config) -> list[str]:
    """Return the chosen attacks that write on pictures, whose names models may read."""
    return _chosen(config, lambda kind: kind.writes)


def hub_attacks(config: Config, by_name: bool) -> list[str]:
    """Return the chosen attacks whose pictures everybody is to find, searching by name or not."""
    chosen = _chosen(config, lambda kind: kind.hub)
    return [name for name in chosen if config["attacks"][name].get("by_name", False) == by_name]


def decoys(config: Config, dataset: str) -> list[str]:
    """Return the data sets whose people join a gallery: those of `poison.decoys`, less itself."""
    return [name for name in config["poison"]["decoys"] if name != dataset]


def invented_decoys(config: Config, wildcards: Any) -> bool:
    """Return whether all decoys are rendered faces (a Snakemake params function)."""
    readers = [config["datasets"][name]["reader"] for name in decoys(config, wildcards.dataset)]
    return bool(readers) and all(READERS[reader].rendered for reader in readers)


def trained_on(config: Config) -> dict[str, str]:
    """Return what each model of the study learnt from, as its facts say; empty where they don't."""
    models = config["evaluate"]["models"]
    return {name: config["models"][name].get("facts", {}).get("data", "") for name in models}


def attacks(config: Config) -> dict[str, dict[str, Any]]:
    """Return the kind of every cloak, its surrogates, and whether it is a control.

    The kind of ready-made pictures is that of the attack that they were made with, if it is known.
    """
    specs = {name: config["attacks"][name] for name in cloaks(config)}
    return {
        name: {
            "kind": spec.get("made_by", spec["kind"]),
            "surrogates": spec.get("surrogates", []),
            "control": ATTACKS[spec["kind"]].control,
        }
        for name, spec in specs.items()
    }


def size_controls(config: Config) -> dict[str, str]:
    """Return the attacks that have a control of their size, each with the control's name."""
    specs = {name: config["attacks"][name] for name in config["evaluate"]["attacks"]}
    return {spec["like"]: name for name, spec in specs.items() if "like" in spec}


def own_crops(config: Config, crops: Sequence[str]) -> dict[str, str]:
    """Return the models of a study that were trained on one of these crops, each with its own."""
    facts = {name: config["models"][name].get("facts", {}) for name in config["evaluate"]["models"]}
    return {name: known["crop"] for name, known in facts.items() if known.get("crop") in crops}


def answering(config: Config, dataset: str) -> list[tuple[str, str]]:
    """Return (crop, model) of all that a person's answer is about.

    A model that was trained on one of the crops answers in that; any other one in the crops that
    are nobody's own, or in the first where all are somebody's.
    """
    crops = attacked_crops(config, dataset)
    own = own_crops(config, crops)
    free = [crop for crop in crops if crop not in own.values()] or crops[:1]
    return [
        (crop, model)
        for crop in crops
        for model in recognising(config)
        if crop in ([own[model]] if model in own else free)
    ]


def controls(config: Config) -> list[str]:
    """Return the models of the study that recognise nobody."""
    models = config["evaluate"]["models"]
    return [name for name in models if FAMILIES[config["models"][name]["family"]].control]


def recognising(config: Config) -> list[str]:
    """Return the models that recognise people: all but controls, or all if none is left."""
    models = fusions.without(config)
    return [name for name in models if name not in controls(config)] or models


def _chosen(config: Config, wanted: Callable[[Kind], bool]) -> list[str]:
    attacks = config["evaluate"].get("attacks", [])
    return [name for name in attacks if wanted(ATTACKS[config["attacks"][name]["kind"]])]
