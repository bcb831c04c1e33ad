"""All experiments of a study on one data set under one model: the outcome for each person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.logs import Progress
from facebench.protocols.poison.arrange import Arrangement, arrange, divide
from facebench.protocols.poison.classifiers import linear_hits
from facebench.protocols.poison.experiments import Experiment
from facebench.protocols.poison.nearest import search
from facebench.protocols.poison.split import Split
from facebench.protocols.poison.variants import Variants
from facebench.protocols.thresholds import Curve

#: What tells one experiment from the others in the table of outcomes.
KEYS = ["attack", "threat", "fraction", "reencode"]


def run(
    variants: Variants, experiments: Sequence[Experiment], options: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row a protected person and experiment, in the order of `experiments`.

    `identity`; `KEYS`; `probes`, `failed` (how many were searched with, how many of them have no
    vector), `share` (of the gallery's pictures that are actually poisoned); `nearest`, `linear`,
    `adaptive`: how many of the probes were taken for the person; `found`: by `nearest`, probe by
    probe; `rank`, a list: of the first own picture; `missed@FPIR`: how many at the clean threshold.
    """
    tables = []
    for fold in range(options["folds"]):
        parts = divide(variants, options["train"], options["seed"], fold)
        if len(parts.probes):
            tables += list(_fold(variants, parts, experiments, options))
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, ignore_index=True)
    if options["folds"] > 1:
        table = _joined(table)
    return table


def _fold(
    variants: Variants, parts: Split, experiments: Sequence[Experiment], options: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """Yield the outcomes of each experiment, in the order of `experiments`."""
    people = variants.people
    everyone = _subjects(variants, experiments, parts, options)
    limits = {
        name: thresholds(variants, parts, everyone, name, options["fpir"])
        for name in dict.fromkeys(experiment.untouched for experiment in experiments)
    }
    results: dict[Experiment, pd.DataFrame] = {}
    groups: dict[tuple[object, ...], list[tuple[Experiment, Arrangement]]] = {}
    for experiment in experiments:
        arrangement = arrange(experiment, variants, parts)
        groups.setdefault(arrangement.key, []).append((experiment, arrangement))
    progress = Progress(len(experiments), "experiments")
    for group in groups.values():
        arrangements = [arrangement for _, arrangement in group]
        chosen = _searched(variants, [experiment for experiment, _ in group], parts, everyone)
        found = search(
            variants.vectors, people, parts.gallery, chosen, arrangements[0].probes,
            arrangements[0].others, [a.own for a in arrangements],
        )  # fmt: skip
        taken = linear_hits(variants, parts, group, chosen, options["classifiers"])
        for i, (experiment, arrangement) in enumerate(group):
            probes: dict[str, np.ndarray] = {"rank": found[i].rank, "nearest": found[i].rank <= 1}
            probes |= {n: one for n, hits in taken.items() if (one := hits[i]) is not None}
            limit = limits[experiment.untouched]
            right = (found[i].rank <= 1)[:, None] & (found[i].mate[:, None] >= limit)
            probes |= {f"missed@{f:g}": ~right[:, j] for j, f in enumerate(options["fpir"])}
            probes["failed"] = arrangement.probes[chosen] < 0
            results[experiment] = _people(experiment, variants, parts, chosen, probes)
        progress.step(len(group))
    for experiment in experiments:
        yield results[experiment]


def thresholds(
    variants: Variants, parts: Split, people: np.ndarray, variant: str, fpir: Sequence[float]
) -> np.ndarray:
    """Return the scores that shares `fpir` of clean searches without a mate reach: float64 (r,).

    Every person is searched for as if not enrolled, by the best score of somebody else; a search
    that failed finds nobody.
    """
    chosen = parts.probes[np.isin(variants.people[parts.probes], people)]
    rows = variants.rows[variant]
    found = search(
        variants.vectors, variants.people, parts.gallery, chosen, rows, rows, [rows]
    )[0]  # fmt: skip
    scores = found.other[np.isfinite(found.other)]
    curve = Curve(np.zeros(0, np.float32), scores)
    nothing, once = np.zeros((1, 0)), np.ones((1, len(scores)))
    points = curve.at(np.asarray(fpir, float), np.array([len(chosen)]), nothing, once)
    return points.threshold[0]


def _subjects(
    variants: Variants, experiments: Sequence[Experiment], parts: Split, options: Mapping[str, Any]
) -> np.ndarray:
    """Return all people who are searched for: the protected, and bystanders up to their number."""
    protected = np.unique(
        np.concatenate([variants.protected(c.attack) for c in _attacking(experiments)])
    )
    searched = np.unique(variants.people[parts.probes])
    others = np.setdiff1d(searched, protected)
    shuffled = np.random.default_rng(options["seed"]).permutation(others)
    return np.union1d(protected, shuffled[: max(0, options["bystanders"] - len(protected))])


def _attacking(experiments: Sequence[Experiment]) -> list[Experiment]:
    return list({experiment.attack: experiment for experiment in experiments}.values())


def _searched(
    variants: Variants, experiments: Sequence[Experiment], parts: Split, everyone: np.ndarray
) -> np.ndarray:
    """Return the probes of a group of experiments: those of its people."""
    if any(experiment.threat == "decoys" for experiment in experiments):
        people = everyone
    else:
        attacks = {experiment.attack for experiment in experiments}
        people = np.unique(np.concatenate([variants.protected(name) for name in attacks]))
    return parts.probes[np.isin(variants.people[parts.probes], people)]


def _people(
    experiment: Experiment,
    variants: Variants,
    parts: Split,
    chosen: np.ndarray,
    probes: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Return the outcomes of an experiment by person; `probes` holds those of the searches."""
    whose = variants.people[chosen]
    if experiment.threat != "decoys":
        keep = np.isin(whose, exposed(experiment, variants, parts))
        chosen, whose = chosen[keep], whose[keep]
        probes = {name: values[keep] for name, values in probes.items()}
    order = np.argsort(whose, kind="stable")
    numbers, starts = np.unique(whose[order], return_index=True)
    table = {
        "identity": variants.pictures.identities[numbers].astype(str),
        "attack": experiment.attack,
        "threat": experiment.threat,
        "fraction": experiment.share,
        "reencode": experiment.reencode,
        "probes": np.diff([*starts, len(whose)]),
        "share": _share(experiment, variants, parts, numbers),
    }
    for name, values in probes.items():
        lists = np.split(values[order], starts[1:]) if len(numbers) else []
        if name == "rank":
            table[name] = [one.astype(np.float32).tolist() for one in lists]
            continue
        table[name] = [int(one.sum()) for one in lists]
        if name == "nearest":
            table["found"] = [one.tolist() for one in lists]
    return pd.DataFrame(table)


def exposed(experiment: Experiment, variants: Variants, parts: Split) -> np.ndarray:
    """Return the numbers of the people some of whose pictures the threat can poison, ascending.

    All who are protected; where the data set prescribes the probes, an attack may have been given
    the other pictures only.
    """
    if variants.enrolled is None:
        return variants.protected(experiment.attack)
    places = {"gallery": [parts.gallery], "probe": [parts.probes]}
    people = [
        np.unique(variants.people[place[variants.attacked[experiment.attack][place]]])
        for place in places.get(experiment.threat, [parts.gallery, parts.probes])
    ]
    return np.intersect1d(people[0], people[-1])


def _share(
    experiment: Experiment, variants: Variants, parts: Split, numbers: np.ndarray
) -> np.ndarray:
    """Return which share of each person's pictures the experiment actually poisons, float64 (p,).

    Of the gallery, or of the probes; for decoys of all others' gallery together.
    """
    if experiment.share == 0:
        return np.zeros(len(numbers))
    n = variants.people.max(initial=0) + 1
    inside = np.zeros(len(variants.people), bool)
    inside[parts.probes if experiment.threat == "probe" else parts.gallery] = True
    inside[variants.own :] = False
    poisoned = inside & variants.attacked[experiment.poisoned]
    if experiment.threat != "probe":
        poisoned &= parts.poisoned(experiment.share)
    total = np.bincount(variants.people[inside], minlength=n)
    many = np.bincount(variants.people[poisoned], minlength=n)
    if experiment.threat == "decoys":
        total, many = total.sum() - total, many.sum() - many
    return (many / np.maximum(total, 1))[numbers]


def _joined(table: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes of all folds as one row a person and experiment."""
    how: dict[str, Any] = {name: "sum" for name in table.columns.drop(["identity", *KEYS])}
    how["share"] = "mean"
    how["rank"] = how["found"] = lambda lists: [value for one in lists for value in one]
    people = table.groupby([*KEYS, "identity"], sort=False)
    return people.agg(how).reset_index()[table.columns.tolist()]
