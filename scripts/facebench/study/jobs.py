"""What one job of the steps after the vectors makes, from the configuration alone.

A rule is made for every job; where models are alike, one rule serves them all.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from facebench.evaluation import PROTOCOLS
from facebench.indexes.kinds import INDEXES
from facebench.places import local
from facebench.store import layout
from facebench.store.layout import CLEAN, VectorFiles, vector_files
from facebench.study import attack_plan, fusions, plan

Config = Mapping[str, Any]


class EvaluateJob(NamedTuple):
    """Protocols that some models are evaluated by, in all crops of a data set."""

    name: str
    dataset: str
    models: list[str]
    crops: list[str]
    protocols: list[str]

    @property
    def threads(self) -> int:
        """Cores of a job: as many as there are where speeds are measured, else one."""
        return 16 if "indices" in self.protocols else 1


def evaluate_jobs(config: Config) -> list[EvaluateJob]:
    """Return the jobs of rule `evaluate`: all protocols together, or each alone if configured."""
    jobs: list[EvaluateJob] = []
    for dataset in _evaluated(config):
        crops = plan.chosen(config, dataset, "crops")
        served = [
            (model, tuple(group))
            for model in config["evaluate"]["models"]
            for group in _groups(config, plan.protocols(config, dataset, model))
        ]
        for protocols, models in alike(served).items():
            name = _name("evaluate", dataset, jobs)
            jobs.append(EvaluateJob(name, dataset, models, crops, [*protocols]))
    return jobs


def poison_jobs(config: Config) -> list[EvaluateJob]:
    """Return the jobs of rule `poison`: all experiments with attacks on a data set."""
    jobs: list[EvaluateJob] = []
    for dataset in dict.fromkeys(name for name, _ in attack_plan.attacked(config)):
        crops = attack_plan.attacked_crops(config, dataset)
        served = [
            (model, tuple(attack_plan.experiments_on(config, dataset, model)))
            for model in fusions.without(config)
        ]
        for protocols, models in alike(served).items():
            name = _name("poison", dataset, jobs)
            jobs.append(EvaluateJob(name, dataset, models, crops, [*protocols]))
    return jobs


def index_jobs(config: Config) -> list[EvaluateJob]:
    """Return the jobs of rule `index`: the indices of all crops of a data set under one model."""
    return [
        EvaluateJob(rule_name("index", dataset), dataset, models, crops, [])
        for dataset in _evaluated(config)
        if (crops := plan.chosen(config, dataset, "crops"))
        and (models := [m for m in config["evaluate"]["models"] if searched(config, dataset, m)])
    ]


def searched(config: Config, dataset: str, model: str) -> bool:
    """Return whether a protocol searches the index of a model."""
    return any(PROTOCOLS[name].index for name in plan.protocols(config, dataset, model))


def index_files(config: Config, dataset: str, crop: str, variant: str, model: str) -> list[str]:
    """Return what describes an index, and the files of its kind, which lie beside it."""
    described = Path(layout.index(dataset, crop, variant, model))
    files = INDEXES[config["index"]["kind"]].files
    return [str(described), *(str(described.with_name(name)) for name in files)]


def evaluated_files(config: Config, job: EvaluateJob) -> list[str]:
    """Return the inputs of an evaluation, "{model}" being its wildcard."""
    found: list[str] = []
    for crop in job.crops:
        place = (job.dataset, crop, CLEAN, "{model}")
        faces, embeddings, metadata = vectors_of(config, *place)
        found += [faces, *embeddings, *metadata]
        if any(PROTOCOLS[p].index for p in job.protocols):
            found += index_files(config, *place)
    if any(PROTOCOLS[p].strangers for p in job.protocols):
        for crop in job.crops:
            for name in plan.strangers(config, job.dataset):
                files = vectors_of(config, name, crop, CLEAN, "{model}")
                found += [files.faces, *files.embeddings, *files.metadata]
    if any(PROTOCOLS[p].strangers and PROTOCOLS[p].names for p in job.protocols):
        others = plan.strangers_with_names(config, job.dataset)
        found += [layout.names(name, "{model}") for name in others]
    if any(PROTOCOLS[p].lists for p in job.protocols):
        found += [str(local(path)) for path in plan.lists(config, job.dataset).values()]
    found += [layout.pairs(job.dataset)] if any(PROTOCOLS[p].pairs for p in job.protocols) else []
    if any(PROTOCOLS[p].names for p in job.protocols):
        found.append(layout.names(job.dataset, "{model}"))
    return found


def poisoned_files(config: Config, job: EvaluateJob) -> list[str]:
    """Return the inputs of the experiments with attacks, "{model}" being their wildcard."""
    found = [layout.images(job.dataset)]
    for crop in job.crops:
        mine = [(job.dataset, crop, variant) for variant in [CLEAN, *attack_plan.variants(config)]]
        others = [(name, crop, CLEAN) for name in attack_plan.decoys(config, job.dataset)]
        for place in [*mine, *others]:
            faces, embeddings, metadata = vectors_of(config, *place, "{model}")
            found += [faces, *embeddings, *metadata]
    if {"typographic", "hub_pictures_by_name"} & {*job.protocols}:
        found.append(layout.names(job.dataset, "{model}"))
    return found


def vectors_of(config: Config, dataset: str, crop: str, variant: str, model: str) -> VectorFiles:
    """Return the files of some faces and their vectors, in all parts of the data set."""
    count = config["datasets"][dataset]["parts"]
    return vector_files(dataset, crop, variant, model, count)


def part_counts(config: Config, dataset: str) -> dict[str, int]:
    """Return in how many parts the vectors of a data set, and of its decoys, are."""
    names = [dataset, *attack_plan.decoys(config, dataset)]
    return {name: config["datasets"][name]["parts"] for name in names}


def reencode_jobs(config: Config) -> list[tuple[str, str]]:
    """Return (data set, variant) of all that is saved again: clean faces, or an attack's."""
    return [
        (dataset, variant)
        for dataset in attack_plan.attacked_datasets(config)
        for variant in [CLEAN, *config["evaluate"]["attacks"]]
        if reencoded(config, dataset, variant)
    ]


def reencoded(config: Config, dataset: str, variant: str) -> list[tuple[str, str]]:
    """Return (crop, re-encoding) of what is saved again of a variant of a data set's faces."""
    found = []
    for crop in attack_plan.attacked_crops(config, dataset):
        for name in attack_plan.variants(config):
            base, _, reencoding = name.partition("+")
            if base == variant and reencoding:
                found.append((crop, reencoding))
    return found


def _evaluated(config: Config) -> list[str]:
    return config["evaluate"]["datasets"]


def _groups(config: Config, protocols: list[str]) -> list[list[str]]:
    """Return the protocols as one group, or each as its own; no group without a protocol."""
    if config["evaluate"]["together"]:
        return [protocols] if protocols else []
    return [[protocol] for protocol in protocols]


def alike(served: Iterable[tuple[str, Any]]) -> dict[Any, list[str]]:
    """Group the models by what their jobs make: {what is made: models}. A group becomes a rule."""
    found: dict[Any, list[str]] = {}
    for model, made in served:
        found.setdefault(made, []).append(model)
    return found


def rule_name(*words: str) -> str:
    """Return the name of a rule that is made for a data set: the step comes first.

    Two underscores stand between the words alone.

    >>> rule_name("crop", "people-known"), rule_name("crop", "people--2")
    ('crop__people_known', 'crop__people_2')
    """
    return "__".join(re.sub(r"\W+", "_", word) for word in words)


def _name(step: str, dataset: str, jobs: Sequence[EvaluateJob]) -> str:
    """Return the name of the next rule of a step and data set: numbered after the first."""
    before = sum(job.dataset == dataset for job in jobs)
    return rule_name(step, dataset, *([str(before + 1)] if before else []))
