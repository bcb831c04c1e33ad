"""Which protocols a study runs for which data set and model, from its configuration alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from facebench.datasets import READERS
from facebench.evaluation import PROTOCOLS
from facebench.models import reads_text
from facebench.store import layout
from facebench.study import attack_plan, fusions, trained
from facebench.study.dataset_files import brings_folder

Config = Mapping[str, Any]

#: Keys of a section that no protocol reads: those of the tables that are made of its results,
#: lists of pictures, of which each job gets those of its data set, and models that it is for.
LATER = {"poison": ("margin",), "all_pairs": ("lists",), "indices": ("models",)}
#: Protocols whose options are the section of another name.
SECTIONS = {"index_poison": "poison", "hubs_by_name": "hubs"}
#: Protocols whose outcomes tell what a training taught about people.
TOLD = ("identify", "name")
#: Protocols whose outcomes are successes and failures, by which models are compared.
COMPARED = [name for name, protocol in PROTOCOLS.items() if protocol.compared]


def strangers(config: Config, dataset: str) -> list[str]:
    """Return the data sets whose people join those of one, in any of its protocols; not itself."""
    named = [
        name
        for protocol in chosen(config, dataset, "protocols")
        if (key := PROTOCOLS[protocol].strangers)
        for name in options_of(config, protocol).get(key, [])
    ]
    return [name for name in dict.fromkeys(named) if name != dataset]


def strangers_with_names(config: Config, dataset: str) -> list[str]:
    """Return those of them whose names' text vectors are asked for too."""
    asked = [
        name
        for protocol in chosen(config, dataset, "protocols")
        if (key := PROTOCOLS[protocol].strangers) and PROTOCOLS[protocol].names
        for name in options_of(config, protocol).get(key, [])
    ]
    return [name for name in strangers(config, dataset) if name in asked]


def lists(config: Config, dataset: str) -> dict[str, str]:
    """Return the files that list pictures of a data set, by name."""
    named = config.get("all_pairs", {}).get("lists", {})
    return {name: spec["file"] for name, spec in named.items() if spec["dataset"] == dataset}


def has_pairs(dataset: Config) -> bool:
    """Return whether a data set comes with a list of pairs.

    >>> has_pairs({"reader": "lfw", "files": {"pairs": {"name": "pairs.txt"}}})
    True
    """
    return READERS[dataset["reader"]].pairs and "pairs" in dataset.get("files", {})


def has_names(dataset: Config) -> bool:
    """Return whether a data set's people have names.

    >>> has_names({"reader": "folder"}), has_names({"reader": "folder", "names": True})
    (False, True)
    """
    return READERS[dataset["reader"]].has_names(dataset)


def protocols(config: Config, dataset: str, model: str) -> list[str]:
    """Return the chosen protocols that this data set and this model can serve, in their order."""
    data, spec = config["datasets"][dataset], config["models"][model]
    pairs, names = has_pairs(data), has_names(data) and reads_text(spec)
    return [
        name
        for name in chosen(config, dataset, "protocols")
        if (pairs or not PROTOCOLS[name].pairs)
        and (names or not PROTOCOLS[name].names)
        and model in (config.get(name, {}).get("models") or [model])
    ]


def chosen(config: Config, dataset: str, what: str) -> list[str]:
    """Return the crops, or protocols, of a study that are for this data set.

    >>> study = {"evaluate": {"crops": ["tight", "full"], "only": {"b": {"crops": ["full"]}}}}
    >>> chosen(study, "a", "crops"), chosen(study, "b", "crops")
    (['tight', 'full'], ['full'])
    """
    every: list[str] = config["evaluate"][what]
    only = config["evaluate"].get("only", {}).get(dataset, {}).get(what, every)
    return [name for name in every if name in only]


def unpacked(config: Config) -> list[str]:
    """Return the data sets whose pictures are unpacked from an archive."""
    return [
        name
        for name, spec in config["datasets"].items()
        if not READERS[spec["reader"]].rendered and not brings_folder(name, spec)
    ]


def rendered(config: Config) -> list[str]:
    """Return the data sets whose pictures are rendered."""
    return [
        name
        for name, spec in config["datasets"].items()
        if READERS[spec["reader"]].rendered and not brings_folder(name, spec)
    ]


def options_of(config: Config, protocol: str) -> Mapping[str, Any]:
    """Return a protocol's section of the configuration, without what only later steps use."""
    section = SECTIONS.get(protocol, protocol)
    later = LATER.get(section, ())
    return {key: value for key, value in config.get(section, {}).items() if key not in later}


def results(config: Config) -> list[str]:
    """Return the final files of a study."""
    study = config["study"]
    files = ["metrics.parquet", "summary.md", "claims.md", "accuracy-size.svg"]
    sheets = [layout.contact_sheet(study, *faces) for faces in evaluated(config)]
    files += ["groups.parquet"] if outcomes_by_group(config) else []
    files += ["thresholds.json"] if verified(config) else []
    training = ["training.svg"] if config["pretrain"]["recipes"] else []
    training += ["names-seen.svg"] if told_outcomes(config) else []
    return [
        *(layout.result(study, name) for name in [*files, *training]),
        *sheets,
        *(layout.task_result(study, model) for model in models_that_identify(config)),
        *attack_plan.results(config),
    ]


def report_pages(config: Config) -> list[str]:
    """Return the pages and pictures that are made for a study's report alone."""
    names = ["summary.html", "claims.html", *(["cloaks.svg"] if attack_plan.cloaks(config) else [])]
    return [layout.result(config["study"], f"report/{name}") for name in names]


def own_crops(config: Config) -> dict[str, str]:
    """Return the models of a study that were trained on one of its crops, each with that crop.

    >>> models = {"a": {"facts": {"crop": "chip"}}, "b": {"facts": {"crop": "tight"}}, "c": {}}
    >>> study = {"models": ["a", "b", "c"], "crops": ["chip", "full"]}
    >>> own_crops({"models": models, "evaluate": study})
    {'a': 'chip'}
    """
    return attack_plan.own_crops(config, config["evaluate"]["crops"])


def evaluated(config: Config) -> Iterator[tuple[str, str]]:
    """Yield (data set, crop) of every set of clean faces that is evaluated."""
    for dataset in config["evaluate"]["datasets"]:
        for crop in chosen(config, dataset, "crops"):
            yield dataset, crop


def metric_tables(config: Config) -> list[str]:
    """Return the paths of all tables of metrics of a study."""
    clean = [
        layout.metrics(config["study"], dataset, crop, model, protocol)
        for dataset, crop in evaluated(config)
        for model in config["evaluate"]["models"]
        for protocol in protocols(config, dataset, model)
    ]
    return clean + attack_plan.metric_tables(config)


def comparison_tables(config: Config) -> list[str]:
    """Return the paths of all tables of comparisons."""
    compared = compared_datasets(config)
    places = [faces for faces in evaluated(config) if faces[0] in compared]
    return [layout.comparisons(config["study"], *place) for place in places]


def compared_datasets(config: Config) -> list[str]:
    """Return the data sets on which models are compared; none with fewer than two models."""
    if len(config["evaluate"]["models"]) < 2:
        return []
    return list(dict.fromkeys(dataset for dataset, _ in evaluated(config)))


def compared(config: Config, dataset: str) -> list[tuple[str, str, str]]:
    """Return (crop, protocol, model) of all outcomes by which models are compared on a data set."""
    return [
        (crop, protocol, model)
        for crop in chosen(config, dataset, "crops")
        for protocol in COMPARED
        for model in config["evaluate"]["models"]
        if protocol in protocols(config, dataset, model)
    ]


def outcomes_by_group(config: Config) -> list[tuple[str, str, str, str]]:
    """Return (data set, crop, model, protocol) of all outcomes that tell errors at a threshold."""
    return [
        (dataset, crop, model, protocol)
        for dataset, crop in evaluated(config)
        for model in config["evaluate"]["models"]
        for protocol in protocols(config, dataset, model)
        if PROTOCOLS[protocol].threshold
    ]


def told_outcomes(config: Config) -> list[tuple[str, str, str, str]]:
    """Return (data set, crop, model, protocol) of what the step `names_seen` looks at."""
    return [
        (dataset, crop, model, protocol)
        for dataset, crop in evaluated(config)
        for model in trained.models(config)
        for protocol in protocols(config, dataset, model)
        if protocol in TOLD
    ]


def verified(config: Config) -> list[tuple[str, str, str]]:
    """Return (data set, crop, model) of all thresholds of pairs that a study finds."""
    return [where[:3] for where in outcomes_by_group(config) if where[3] == "verify"]


def fused(config: Config) -> list[tuple[str, str, str]]:
    """Return (data set, crop, fusion) of all that fusions are compared with their models in."""
    made = fusions.parts_of(config)
    return [where for where in verified(config) if where[2] in made]


def models_that_identify(config: Config) -> list[str]:
    """Return the models that closed-set identification is asked of, on any data set."""
    study = config["evaluate"]
    return [
        model
        for model in study["models"]
        if any("identify" in protocols(config, dataset, model) for dataset in study["datasets"])
    ]


def identified(config: Config) -> list[str]:
    """Return the paths of the outcomes of closed-set identification, where it is in the study."""
    return [
        layout.outcomes(config["study"], dataset, crop, model, "identify")
        for dataset, crop in evaluated(config)
        for model in config["evaluate"]["models"]
        if "identify" in protocols(config, dataset, model)
    ]


def compared_outcomes(config: Config, dataset: str) -> list[str]:
    """Return the paths of the outcomes in `compared`, in its order."""
    return [
        layout.outcomes(config["study"], dataset, crop, model, protocol)
        for crop, protocol, model in compared(config, dataset)
    ]
