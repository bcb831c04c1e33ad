"""What a configuration asks of the experiments with attacks: tables, files, decoys, controls."""

from collections.abc import Mapping
from typing import Any

from facebench.protocols.poison import experiments

Config = Mapping[str, Any]

#: Families of models that recognise nobody: raw pixels, random weights.
CONTROL_FAMILIES = ("pixels", "random")


def results(config: Config) -> list[str]:
    """Return what a study with attacks makes besides the tables of every study."""
    kinds = ["effects", "transfer", "groups", "votes"] if config["evaluate"]["attacks"] else []
    return [f"results/poison-{kind}.parquet" for kind in kinds] + answers(config)


def folders(config: Config) -> list[tuple[str, str]]:
    """Return (data set, folder) of the experiments with attacks; none without an attack."""
    chosen = config["evaluate"]
    if not chosen.get("attacks"):
        return []
    only = chosen.get("only", {})
    return [
        (dataset, f"results/{dataset}/{crop}/poison")
        for dataset in chosen["datasets"]
        for crop in chosen["crops"]
        if all(
            crop in only.get(dataset, {}).get(key, chosen["crops"])
            for key in ("crops", "attacked_crops")
        )
    ]


def tables(config: Config, name: str) -> list[str]:
    """Return the paths of the tables `name` of the experiments, for every model in its {model}."""
    return [
        f"{folder}/{name.format(model=model)}.parquet"
        for _, folder in folders(config)
        for model in config["evaluate"]["models"]
    ]


def across_tables(config: Config, kind: str) -> list[str]:
    """Return the paths of the tables over several models: effects, transfer, groups or votes."""
    return [f"{folder}/across/{kind}.parquet" for _, folder in folders(config)]


def answers(config: Config) -> list[str]:
    """Return the paths of the answers in words that are asked for."""
    wanted = config.get("poison", {}).get("answers", [])
    datasets = dict.fromkeys(dataset for dataset, _ in folders(config))
    return [f"results/{dataset}/my-cloaks.md" for dataset in datasets if dataset in wanted]


def variants(config: Config) -> list[str]:
    """Return the variants, besides the clean one, that the experiments are made from."""
    chosen = config["evaluate"]
    return experiments.variants(config["poison"], chosen["attacks"], chosen["reencodings"])


def writing_attacks(config: Config) -> list[str]:
    """Return the chosen attacks that write on pictures, whose names models may read."""
    attacks = config["evaluate"].get("attacks", [])
    return [name for name in attacks if config["attacks"][name]["kind"] == "typographic"]


def files(names: list[str], file: str) -> list[str]:
    """Return the pattern of a file of each of these variants, in their order."""
    return [f"results/{{dataset}}/{{crop}}/{variant}/{file}" for variant in names]


def decoys(config: Config, wildcards: Any) -> list[str]:
    """Return the data sets whose people join a gallery: those of `poison.decoys`, less itself."""
    return [name for name in config["poison"]["decoys"] if name != wildcards.dataset]


def decoy_files(config: Config, file: str, wildcards: Any) -> list[str]:
    """Return the path of a file of every data set of decoys (a Snakemake input function)."""
    path = file.format(model=wildcards.model)
    crop = wildcards.crop
    return [f"results/{name}/{crop}/clean/{path}" for name in decoys(config, wildcards)]


def decoy_faces(config: Config, wildcards: Any) -> list[str]:
    """Return the faces of every data set of decoys, in the study's first crop."""
    crop = config["evaluate"]["crops"][0]
    return [f"results/{name}/{crop}/clean/faces.parquet" for name in decoys(config, wildcards)]


def invented_decoys(config: Config, wildcards: Any) -> bool:
    """Return whether all decoys are rendered faces."""
    readers = {config["datasets"][name]["reader"] for name in decoys(config, wildcards)}
    return readers == {"people"}


def attacks(config: Config) -> dict[str, dict[str, Any]]:
    """Return the kind and the surrogates of every attack of the study."""
    return {
        name: {key: config["attacks"][name].get(key, []) for key in ("kind", "surrogates")}
        for name in config["evaluate"]["attacks"]
    }


def controls(config: Config) -> list[str]:
    """Return the models of the study that recognise nobody."""
    models = config["evaluate"]["models"]
    return [name for name in models if config["models"][name]["family"] in CONTROL_FAMILIES]


def recognising(config: Config) -> list[str]:
    """Return the models whose answer is worth telling: all but controls, or all if none is left."""
    models = config["evaluate"]["models"]
    return [name for name in models if name not in controls(config)] or list(models)
