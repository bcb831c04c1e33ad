"""Inputs, parameters, resources and checks of jobs, from the configuration.

Every function takes the configuration first and then, where it is an input or params function, the
wildcards of a job.
"""

from collections.abc import Callable, Mapping
from typing import Any

from facebench.errors import UserError
from facebench.models import arguments, missing_weights, state
from facebench.store import layout
from facebench.store.records import file_sha256
from facebench.study import attack_plan, jobs
from facebench.study.dataset_files import (
    ORIGIN_KEYS,
    Sources,
    fingerprint,
    local_path,
    ready_made,
    sources,
    unobtainable,
)
from facebench.study.user_files import check_user_files, trained_folders

Config = Mapping[str, Any]


def check(config: Config) -> None:
    """Raise `UserError` if a file that the study names is missing, or would be deleted."""
    check_user_files(config)
    for dataset in config["evaluate"]["datasets"]:
        sources(dataset, config["datasets"][dataset])
    for attack in config["evaluate"]["attacks"]:
        ready_made(attack, config["attacks"][attack])


def sources_of(config: Config, wildcards: Any) -> Sources:
    """Return where the files of a data set are."""
    return sources(wildcards.dataset, config["datasets"][wildcards.dataset])


def pictures(config: Config, wildcards: Any) -> str:
    """Return the folder of a data set's pictures: the user's own, or what a rule makes."""
    return pictures_of(config, wildcards.dataset)


def pictures_of(config: Config, dataset: str) -> str:
    """Return the same for a data set by its name."""
    return sources(dataset, config["datasets"][dataset]).pictures


def archive(config: Config, wildcards: Any) -> str | list[str]:
    """Return the archive that a data set's pictures come from; nothing for a folder."""
    return sources_of(config, wildcards).archive or []


def other_files(config: Config, wildcards: Any) -> list[str]:
    """Return the files of a data set that are not pictures: lists of people, pairs, landmarks."""
    return list(sources_of(config, wildcards).files.values())


def file_keys(config: Config, wildcards: Any) -> list[str]:
    """Return the key of each of `other_files`: pairs, identity, attributes, ..."""
    return list(sources_of(config, wildcards).files)


def remote_file(config: Config, wildcards: Any) -> dict[str, Any]:
    """Return the name and the sha256 of a file that `fetch` gets: what it is, not where."""
    files = config["datasets"][wildcards.dataset].get("files", {}).values()
    for file in files:
        if file["name"] == wildcards.file:
            return {key: file[key] for key in ("name", "sha256") if key in file}
    raise UserError(
        f"datasets.{wildcards.dataset}.files names no {wildcards.file}: nothing is fetched."
    )


def remote_sha256(config: Config, wildcards: Any) -> str:
    """Return the sha256 that a fetched file must have; its own where none is known."""
    file = remote_file(config, wildcards)
    return file.get("sha256") or file_sha256(layout.fetched(wildcards.dataset, file["name"]))


def reader_options(config: Config, wildcards: Any) -> dict[str, Any]:
    """Return the options of a data set's reader."""
    spec = config["datasets"][wildcards.dataset]
    return {key: value for key, value in spec.items() if key not in ORIGIN_KEYS}


def picture_state(config: Config, wildcards: Any) -> str:
    """Return a text that changes when a picture is added to, or leaves, a folder used in place."""
    spec = config["datasets"][wildcards.dataset]
    mine = [pictures(config, wildcards)] if "folder" in spec else []
    mine += [local_path(spec["published"], "published") or ""] if "published" in spec else []
    return " ".join(fingerprint(folder) for folder in mine)


def what_to_load(config: Config, wildcards: Any) -> dict[str, Any]:
    """Return the part of a model's entry that says what it is, without facts and resources."""
    spec = config["models"][wildcards.model]
    identity = {key: spec[key] for key in ("family", "sha256") if key in spec}
    return {**arguments(spec), **identity}


def trained(config: Config, wildcards: Any) -> str | list[str]:
    """Return the folder of a model that this workflow trains itself; nothing for any other."""
    path = config["models"][wildcards.model].get("path")
    return path if path in trained_folders(config) else []


def state_of_weights(config: Config, wildcards: Any) -> list[Any]:
    """Return a value that changes when the files of a model given by its path do.

    A model that this workflow trains is an input of its rule instead.
    """
    if trained(config, wildcards):
        return []
    return state(config["models"][wildcards.model])


def attack_spec(config: Config, wildcards: Any) -> dict[str, Any]:
    """Return the part of an attack's entry that its result depends on, its folder found."""
    spec = config["attacks"][wildcards.attack]
    folder = ready_made(wildcards.attack, spec)
    found = {"folder": folder} if folder else {}
    return {key: value for key, value in {**spec, **found}.items() if key != "mem_mb"}


def attack_state(config: Config, wildcards: Any) -> str:
    """Return what changes when a picture comes into, or leaves, the folder of ready-made ones."""
    folder = ready_made(wildcards.attack, config["attacks"][wildcards.attack])
    return fingerprint(folder) if folder else ""


def surrogates_gpu(config: Config, wildcards: Any) -> int:
    """Return how many GPUs an attack uses where there are any: as many as its surrogates."""
    surrogates = config["attacks"][wildcards.attack].get("surrogates", [])
    return max((config["models"][name]["gpu"] for name in surrogates), default=0)


def surrogate_models(config: Config, wildcards: Any) -> list[str]:
    """Return the descriptions of an attack's surrogates."""
    names = config["attacks"][wildcards.attack].get("surrogates", [])
    return [layout.model(name) for name in names]


def surrogate_vectors(config: Config, dataset: str) -> Callable[[Any], list[str]]:
    """Return an input function: clean rows, of every crop those of every surrogate, in parts."""

    def files(wildcards: Any) -> list[str]:
        return [
            path
            for crop in attack_plan.attacked_crops(config, dataset)
            for model in config["attacks"][wildcards.attack].get("surrogates", [])
            for path in jobs.vectors_of(config, dataset, crop, layout.CLEAN, model).embeddings
        ]

    return files


def answered_outcomes(config: Config, wildcards: Any) -> list[str]:
    """Return the outcomes that the answers in words are made from: every crop with every model."""
    return [
        layout.outcomes(config["study"], wildcards.dataset, crop, model, "poison")
        for crop in attack_plan.attacked_crops(config, wildcards.dataset)
        for model in attack_plan.recognising(config)
    ]


def answered_faces(config: Config, wildcards: Any) -> list[str]:
    """Return the attacked faces, in the first crop, that the answers in words are about."""
    crop = attack_plan.attacked_crops(config, wildcards.dataset)[0]
    attacks = config["evaluate"]["attacks"]
    return [layout.faces(wildcards.dataset, crop, attack) for attack in attacks]


def decoy_faces(config: Config, wildcards: Any) -> list[str]:
    """Return the clean faces of every data set of decoys, in the first crop."""
    crop = attack_plan.attacked_crops(config, wildcards.dataset)[0]
    return [layout.faces(name, crop) for name in attack_plan.decoys(config, wildcards.dataset)]


def missing_files(config: Config) -> list[str]:
    """Return a sentence on every file that is neither here nor downloadable."""
    study = config["evaluate"]
    attacks = [config["attacks"][name] for name in study["attacks"]]
    surrogates = [name for attack in attacks for name in attack.get("surrogates", [])]
    specs = {name: config["models"][name] for name in [*study["models"], *surrogates]}
    made_here = {
        name for name, spec in specs.items() if spec.get("path") in trained_folders(config)
    }
    missing = missing_weights({name: specs[name] for name in specs.keys() - made_here})
    for dataset in [*study["datasets"], *config["poison"]["decoys"]]:
        missing += unobtainable(dataset, config["datasets"][dataset])
    return missing
