"""Which protocols a study runs for which data set and model, from its configuration alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from facebench.errors import UserError
from facebench.models import reads_text
from facebench.study import attack_plan

Config = Mapping[str, Any]

#: Protocols whose outcomes are successes and failures, by which models are compared.
COMPARED = ["view2", "identify", "neighbour", "open_set", "name"]


def has_pairs(dataset: Config) -> bool:
    """Return whether a data set comes with a list of pairs.

    >>> has_pairs({"reader": "lfw", "files": {"pairs": {"name": "pairs.txt"}}})
    True
    """
    return dataset["reader"] == "lfw" and "pairs" in dataset.get("files", {})


def has_names(dataset: Config) -> bool:
    """Return whether a data set's people have names.

    >>> has_names({"reader": "folder"}), has_names({"reader": "folder", "names": True})
    (False, True)
    """
    return dataset["reader"] in ("lfw", "people") or bool(dataset.get("names"))


def protocols(config: Config, dataset: str, model: str) -> list[str]:
    """Return the chosen protocols that this data set and this model can serve, in their order."""
    data, spec = config["datasets"][dataset], config["models"][model]
    served = {"view2": has_pairs(data), "name": has_names(data) and reads_text(spec)}
    return [name for name in chosen(config, dataset, "protocols") if served.get(name, True)]


def chosen(config: Config, dataset: str, what: str) -> list[str]:
    """Return the crops, or protocols, of a study that are for this data set.

    >>> study = {"evaluate": {"crops": ["tight", "full"], "only": {"b": {"crops": ["full"]}}}}
    >>> chosen(study, "a", "crops"), chosen(study, "b", "crops")
    (['tight', 'full'], ['full'])
    """
    every: list[str] = config["evaluate"][what]
    only = config["evaluate"].get("only", {}).get(dataset, {}).get(what, every)
    return [name for name in every if name in only]


def left_out(config: Config) -> list[str]:
    """Return a sentence on every chosen protocol that a data set or a model can't serve."""
    study, sentences = config["evaluate"], []
    for dataset in study["datasets"]:
        spec, wanted = config["datasets"][dataset], chosen(config, dataset, "protocols")
        for what in ("crops", "protocols"):
            if not chosen(config, dataset, what):
                sentences.append(f"evaluate.only leaves {dataset} none of the study's {what}.")
        attacked = study.get("only", {}).get(dataset, {}).get("attacked_crops")
        if attacked and study.get("attacks") and not set(attacked) & set(study["crops"]):
            sentences.append(f"evaluate.only leaves {dataset} no crop in which attacks are tried.")
        if "view2" in wanted and not has_pairs(spec):
            sentences.append(f"view2 needs a list of pairs, which {dataset} has not.")
        if "name" in wanted and not has_names(spec):
            sentences.append(f"name needs the people's names, which {dataset} has not.")
    silent = [model for model in study["models"] if not reads_text(config["models"][model])]
    if "name" in study["protocols"] and silent:
        sentences.append(f"name needs a model that reads text, unlike {', '.join(silent)}.")
    return sentences


def something_to_measure(config: Config) -> None:
    """Raise `UserError` if no data set and model of a study can serve any chosen protocol.

    Or if its experiments with attacks name a data set that isn't there.
    """
    for key, known in (
        ("decoys", list(config["datasets"])),
        ("answers", config["evaluate"]["datasets"]),
        ("reencoded_attacks", list(config.get("attacks", {}))),
    ):
        for name in config.get("poison", {}).get(key, []):
            if name not in known:
                raise UserError(f"poison.{key} names {name!r}; allowed: {', '.join(known)}")
    if not metric_tables(config):
        raise UserError(f"Nothing that is asked for can be measured: {' '.join(left_out(config))}")


def folders(config: Config) -> Iterator[tuple[str, str]]:
    """Yield (data set, folder of results) of every set of faces that is evaluated."""
    for dataset in config["evaluate"]["datasets"]:
        for crop in chosen(config, dataset, "crops"):
            yield dataset, f"results/{dataset}/{crop}/clean"


def metric_tables(config: Config) -> list[str]:
    """Return the paths of all tables of metrics of a study."""
    clean = [
        f"{folder}/{model}/metrics/{protocol}.parquet"
        for dataset, folder in folders(config)
        for model in config["evaluate"]["models"]
        for protocol in protocols(config, dataset, model)
    ]
    return clean + attack_plan.tables(config, "{model}") + written_tables(config)


def written_tables(config: Config) -> list[str]:
    """Return the paths of the tables of naming under attacks that write on pictures."""
    if not attack_plan.writing_attacks(config):
        return []
    return [
        f"{folder}/names/{model}.parquet"
        for dataset, folder in attack_plan.folders(config)
        for model in config["evaluate"]["models"]
        if has_names(config["datasets"][dataset]) and reads_text(config["models"][model])
    ]


def comparison_tables(config: Config) -> list[str]:
    """Return the paths of all tables of comparisons: none where a single model is evaluated."""
    if len(config["evaluate"]["models"]) < 2:
        return []
    return [f"{folder}/comparisons.parquet" for _, folder in folders(config)]


def compared(config: Config, dataset: str) -> list[tuple[str, str]]:
    """Return (protocol, model) of all outcomes by which the models are compared on a data set."""
    return [
        (protocol, model)
        for protocol in COMPARED
        for model in config["evaluate"]["models"]
        if protocol in protocols(config, dataset, model)
    ]


def compared_outcomes(config: Config, wildcards: Any) -> list[str]:
    """Return the paths of the outcomes in `compared`, in its order (a Snakemake input function)."""
    folder = f"results/{wildcards.dataset}/{wildcards.crop}/{wildcards.variant}"
    return [
        f"{folder}/{model}/outcomes/{protocol}.parquet"
        for protocol, model in compared(config, wildcards.dataset)
    ]


def compared_jobs(config: Config, wildcards: Any) -> list[list[str]]:
    """Return `compared` as lists (a Snakemake params function)."""
    return [list(job) for job in compared(config, wildcards.dataset)]
