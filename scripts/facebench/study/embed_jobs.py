"""Which jobs turn faces and names into vectors: a model is loaded once for all of them.

Every function depends on the configuration alone, so that Snakemake knows all files before
anything runs. Where models are alike, one rule serves them all.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from facebench.evaluation import PROTOCOLS
from facebench.store.layout import CLEAN
from facebench.study import attack_plan, fusions, plan
from facebench.study.features import rows_of
from facebench.study.jobs import alike, rule_name

Config = Mapping[str, Any]
#: A data set, a crop of it, and one of its variants.
Faces = tuple[str, str, str]


class Load(NamedTuple):
    """The work of one load of a model: faces, data sets whose names it reads, number of parts.

    features: what follows the model's name in those of the models whose vectors one pass makes:
    "" for itself, "-token" for its class token.
    """

    faces: tuple[Faces, ...]
    names: tuple[str, ...] = ()
    parts: int = 1
    features: tuple[str, ...] = ("",)

    @property
    def what(self) -> str:
        """Which of a model's loads it is."""
        if not self.faces:
            return "names"
        return "clean" if self.faces[0][2] == CLEAN else "attacked"


class EmbedJob(NamedTuple):
    """A job of rule `embed`, the same for some models.

    part: "0000", or the wildcard "{part}" where a data set is split. place: what tells it from the
    same model's other jobs. The name doesn't do: it counts rules, so one model more changes those
    of others. features: as in `Load`.
    """

    name: str
    place: str
    models: list[str]
    faces: list[Faces]
    names: list[str]
    part: str
    parts: int
    features: list[str]


class FuseJob(NamedTuple):
    """A job of rule `fuse`: which faces' vectors of two models are put together; part: as above."""

    name: str
    model: str
    of: tuple[str, str]
    faces: list[Faces]
    part: str


def embed_jobs(config: Config) -> list[EmbedJob]:
    """Return the jobs of rule `embed`."""
    models = [model for model in _embedding(config) if model not in fusions.parts_of(config)]
    loads = in_one_pass(config, {model: [*loads_of(config, model)] for model in models})
    jobs = []
    for number, (load, alike_models) in enumerate(alike(loads).items(), start=1):
        datasets = list(dict.fromkeys([*(faces[0] for faces in load.faces), *load.names]))
        one = datasets[0] if len(datasets) == 1 else "all"
        part = "{part}" if load.parts > 1 else "0000"
        name = rule_name("embed", one, str(number))
        # No data set has a name with a sign in front.
        place = f"{one if len(datasets) == 1 else '_all'}/{load.what}"
        faces, names = [*load.faces], [*load.names]
        features = [*load.features]
        jobs.append(EmbedJob(name, place, alike_models, faces, names, part, load.parts, features))
    return jobs


def _embedding(config: Config) -> list[str]:
    """Return the models, fusions among them, that have vectors of any data set."""
    every = [model for dataset in embedded(config) for model in models_on(config, dataset)]
    return list(dict.fromkeys(every))


def fuse_jobs(config: Config) -> list[FuseJob]:
    """Return the jobs of rule `fuse`: a fusion's vectors of clean faces, made of its models'."""
    jobs: list[FuseJob] = []
    asked = _embedding(config)
    for model, of in fusions.parts_of(config).items():
        for load in loads_of(config, model) if model in asked else []:
            if faces := [face for face in load.faces if face[2] == CLEAN]:
                name = rule_name("fuse", model, str(len(jobs) + 1))
                part = "{part}" if load.parts > 1 else "0000"
                jobs.append(FuseJob(name, model, of, faces, part))
    return jobs


def in_one_pass(config: Config, loads: dict[str, list[Load]]) -> list[tuple[str, Load]]:
    """Return (model, load) of all loads; a feature's is part of its model's for the same faces.

    A feature with other faces than its model has passes of its own.
    """
    for model, feature, name in rows_of(config):
        mine, its = loads.get(model, []), loads.get(name, [])
        for load in [*its]:
            for i, other in enumerate(mine):
                if load.faces and (other.faces, other.parts) == (load.faces, load.parts):
                    mine[i] = other._replace(features=(*other.features, f"-{feature}"))
                    its.remove(load)
    return [(model, load) for model, each in loads.items() for load in each]


def loads_of(config: Config, model: str) -> Iterator[Load]:
    """Yield the loads of a model.

    Once for all data sets, or once for each if `evaluate.together` is false. A data set that is
    split has jobs of its own, and its names, which are not split, another.
    """
    mine = [dataset for dataset in embedded(config) if model in models_on(config, dataset)]
    whole = [dataset for dataset in mine if _parts(config, dataset) == 1]
    for group in [whole] if config["evaluate"]["together"] else [[one] for one in whole]:
        yield from _loads(config, model, group)
    for dataset in mine:
        if _parts(config, dataset) > 1:
            for load in _loads(config, model, [dataset]):
                yield load._replace(names=(), parts=_parts(config, dataset))
            if needs_names(config, dataset, model):
                yield Load((), (dataset,))


def _loads(config: Config, model: str, datasets: list[str]) -> Iterator[Load]:
    """Yield the loads of a model on some data sets: one where that is possible.

    The clean vectors of a surrogate are needed before the attacks are made.
    """
    first: list[Faces] = []
    later: list[Faces] = []
    for dataset in datasets:
        first += [(dataset, crop, CLEAN) for crop in embedded_crops(config, dataset)]
        if model in config["evaluate"]["models"]:
            surrogate = model in surrogates(config, dataset)
            (later if surrogate else first).extend(attacked_faces(config, dataset))
    names = tuple(dataset for dataset in datasets if needs_names(config, dataset, model))
    if first or names:
        yield Load(tuple(first), names)
    if later:
        yield Load(tuple(later))


def _parts(config: Config, dataset: str) -> int:
    return int(config["datasets"][dataset]["parts"])


def embedded(config: Config) -> list[str]:
    """Return the data sets that have vectors: those of the study, its decoys and strangers."""
    decoys = config["poison"]["decoys"] if attack_plan.attacked(config) else []
    mine = config["evaluate"]["datasets"]
    others = [name for dataset in mine for name in plan.strangers(config, dataset)]
    return list(dict.fromkeys([*mine, *decoys, *others]))


def embedded_crops(config: Config, dataset: str) -> list[str]:
    """Return the crops in which a data set has clean vectors."""
    mine = (
        plan.chosen(config, dataset, "crops") if dataset in config["evaluate"]["datasets"] else []
    )
    served = [
        crop
        for name, crop in attack_plan.attacked(config)
        if dataset in attack_plan.decoys(config, name)
    ]
    grown = [
        crop
        for name in config["evaluate"]["datasets"]
        if dataset in plan.strangers(config, name)
        for crop in plan.chosen(config, name, "crops")
    ]
    return list(dict.fromkeys([*mine, *served, *grown]))


def attacked_faces(config: Config, dataset: str) -> list[Faces]:
    """Return the attacked and re-encoded faces of a data set."""
    variants = attack_plan.variants(config) if config["evaluate"]["attacks"] else []
    crops = attack_plan.attacked_crops(config, dataset)
    return [(dataset, crop, variant) for crop in crops for variant in variants]


def surrogates(config: Config, dataset: str) -> list[str]:
    """Return the models that the attacks on a data set look into."""
    if not attack_plan.attacked_crops(config, dataset):
        return []
    attacks = [config["attacks"][name] for name in config["evaluate"]["attacks"]]
    return list(dict.fromkeys(name for spec in attacks for name in spec.get("surrogates", [])))


def models_on(config: Config, dataset: str) -> list[str]:
    """Return the models that are evaluated on a data set, and the surrogates of attacks."""
    study = config["evaluate"]
    experiments = attack_plan.attacked(config)
    attacked = any(dataset == name for name, _ in experiments)
    crowd = any(dataset in attack_plan.decoys(config, name) for name, _ in experiments)
    crowd |= any(dataset in plan.strangers(config, name) for name in study["datasets"])
    asked = [
        model
        for model in study["models"]
        if attacked
        or crowd
        or (dataset in config["evaluate"]["datasets"] and plan.protocols(config, dataset, model))
    ]
    return list(dict.fromkeys([*asked, *surrogates(config, dataset)]))


def needs_names(config: Config, dataset: str, model: str) -> bool:
    """Return whether the text vectors of a data set's names are used under a model."""
    attacked = attack_plan.attacked_crops(config, dataset)
    asked = attack_plan.hub_attacks(config, by_name=True) if attacked else []
    if any(model in config["attacks"][name]["surrogates"] for name in asked):
        return True
    if model not in config["evaluate"]["models"]:
        return False
    if any(
        dataset in plan.strangers_with_names(config, name)
        and any(PROTOCOLS[each].names for each in plan.protocols(config, name, model))
        for name in config["evaluate"]["datasets"]
    ):
        return True
    if dataset not in config["evaluate"]["datasets"]:
        return False
    if any(PROTOCOLS[name].names for name in plan.protocols(config, dataset, model)):
        return True
    experiments = attack_plan.experiments_on(config, dataset, model) if attacked else []
    return bool({"typographic", "hub_pictures_by_name"} & {*experiments})
