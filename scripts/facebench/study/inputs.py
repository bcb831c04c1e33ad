"""Inputs, parameters, resources and checks of jobs, from the configuration.

Every function takes the configuration first and then, where it is an input or params function, the
wildcards of a job.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from facebench.datasets.walk import no_people, nobody_in
from facebench.errors import UserError
from facebench.models import arguments, state
from facebench.pictures.purifier import WEIGHTS
from facebench.places import local
from facebench.store import layout
from facebench.store.records import file_sha256
from facebench.study import attack_plan, fusions, jobs, photographs, plan, seen
from facebench.study.cloaks_beside import check_cloaks, endings_of
from facebench.study.dataset_files import as_given, code_page, ready_made, sources
from facebench.study.user_files import check_user_files, trained_folders

Config = Mapping[str, Any]


def check(config: Config) -> None:
    """Raise `UserError` if a file that the study names is missing, or would be deleted."""
    check_user_files(config)
    for dataset in config["evaluate"]["datasets"]:
        check_people(dataset, config["datasets"][dataset])
        code_page(dataset, config["datasets"][dataset])
    for attack in config["evaluate"]["attacks"]:
        ready_made(attack, config["attacks"][attack])
    reencoding_specs(config)
    for model in config["evaluate"]["models"]:
        path = config["models"][model].get("names_read")
        if path and not local(path).is_file():
            raise UserError(
                f"models.{model}.names_read is {path}, which is no file: give a list of names, one"
                " a line, or remove the key."
            )
    for name, given in config.get("all_pairs", {}).get("lists", {}).items():
        if not local(given["file"]).is_file():
            raise UserError(
                f"all_pairs.lists.{name}.file is {given['file']}, which is no file: give a list of"
                " pictures, one path a line, or remove the key."
            )
    check_cloaks(config)
    photographs.check(config)


def of_entry(config: Config, registry: str, key: str) -> Callable[[Any], Any]:
    """Return a function of a job's wildcards: a key of the entry of a registry that one names.

    Snakemake's own `lookup` walks through the whole configuration for every job.
    """
    wildcard = registry.removesuffix("s")

    def value(wildcards: Any) -> Any:
        return config[registry][getattr(wildcards, wildcard)][key]

    return value


def check_people(dataset: str, spec: Mapping[str, Any]) -> None:
    """Raise `UserError` if a folder of photographs isn't there, or has no folder for a person."""
    root = Path(sources(dataset, spec).pictures)
    if spec["reader"] == "folder" and "folder" in spec and root.is_dir() and no_people(root):
        given = as_given(spec["folder"], f"datasets.{dataset}.folder")
        raise UserError(f"{given}: {nobody_in(root)}")


def names_read(config: Config, wildcards: Any) -> list[str]:
    """Return the file of names that a model read in training; none if none is given."""
    spec = config["models"][wildcards.model]
    return [str(local(spec["names_read"]))] if "names_read" in spec else []


def what_to_load(config: Config, wildcards: Any) -> dict[str, Any]:
    """Return the part of a model's entry that says what it is, without facts and resources."""
    spec = config["models"][wildcards.model]
    identity = {key: spec[key] for key in ("family", "sha256") if key in spec}
    return {**arguments(spec), **identity}


def fused(config: Config, wildcards: Any) -> list[str]:
    """Return the descriptions of the two models of a fusion; nothing for any other model."""
    return [layout.model(part) for part in fusions.parts_of(config).get(wildcards.model, ())]


def fusions_and_parts(config: Config) -> list[str]:
    """Return the faces and vectors of all fusions that are compared with their models."""
    found: list[str] = []
    for dataset, crop, fusion in plan.fused(config):
        for model in (fusion, *fusions.parts_of(config)[fusion]):
            files = jobs.vectors_of(config, dataset, crop, layout.CLEAN, model)
            found += [files.faces, *files.embeddings, *files.metadata]
    return list(dict.fromkeys(found))


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


def attack_spec(config: Config, dataset: str) -> Callable[[Any], dict[str, Any]]:
    """Return a params function: the part of an attack's entry that its result depends on."""

    def spec(wildcards: Any) -> dict[str, Any]:
        entry = dict(config["attacks"][wildcards.attack])
        if folder := ready_made(wildcards.attack, entry):
            endings = endings_of(config, dataset, wildcards.attack)
            entry |= {"folder": folder, "endings": endings}
        return {key: value for key, value in entry.items() if key != "mem_mb"}

    return spec


def attack_state(config: Config, wildcards: Any) -> str:
    """Return what changes when a ready-made picture does; "" for an attack that makes its own."""
    folder = ready_made(wildcards.attack, config["attacks"][wildcards.attack])
    return seen.state((folder,), layout.seen("attack", wildcards.attack)) if folder else ""


def reencoding_specs(config: Config) -> dict[str, dict[str, Any]]:
    """Return the entries of the study's re-encodings, each with the sha256 of its weights if any.

    Raises `UserError` where these aren't.
    """
    chosen = {name: dict(config["reencodings"][name]) for name in config["evaluate"]["reencodings"]}
    for name, spec in chosen.items():
        if "weights" not in spec:
            continue
        file = local(spec["weights"]) / WEIGHTS
        if not file.is_file():
            raise UserError(
                f"reencodings.{name}.weights is {spec['weights']}, which has no {WEIGHTS}: give a"
                " folder that tools.train_purifier wrote, or leave the key out."
            )
        spec["sha256"] = file_sha256(file)
    return chosen


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


def faces_to_be_like(config: Config, dataset: str) -> Callable[[Any], list[str]]:
    """Return an input function: the faces of the attack that an attack is to be as large as.

    In every crop; none of an attack that has a size of its own.
    """

    def files(wildcards: Any) -> list[str]:
        like = config["attacks"][wildcards.attack].get("like")
        crops = attack_plan.attacked_crops(config, dataset) if like else []
        return [layout.faces(dataset, crop, like) for crop in crops]

    return files


def names_to_be_found_by(config: Config, dataset: str) -> Callable[[Any], list[str]]:
    """Return an input function: the surrogates' vectors of names, of an attack that needs them."""

    def files(wildcards: Any) -> list[str]:
        spec = config["attacks"][wildcards.attack]
        models = spec["surrogates"] if spec.get("by_name") else []
        return [layout.names(dataset, model) for model in models]

    return files


def answered_outcomes(config: Config, wildcards: Any) -> list[str]:
    """Return the outcomes that the answers in words are made from, each in its model's crop."""
    return [
        layout.outcomes(config["study"], wildcards.dataset, crop, model, "poison")
        for crop, model in attack_plan.answering(config, wildcards.dataset)
    ]


def answered_faces(config: Config, wildcards: Any) -> list[str]:
    """Return the attacked faces, in the first crop, that the answers in words are about."""
    crop = attack_plan.attacked_crops(config, wildcards.dataset)[0]
    attacks = attack_plan.cloaks(config)
    return [layout.faces(wildcards.dataset, crop, attack) for attack in attacks]


def decoy_faces(config: Config, wildcards: Any) -> list[str]:
    """Return the clean faces of every data set of decoys, in the first crop."""
    crop = attack_plan.attacked_crops(config, wildcards.dataset)[0]
    return [layout.faces(name, crop) for name in attack_plan.decoys(config, wildcards.dataset)]
