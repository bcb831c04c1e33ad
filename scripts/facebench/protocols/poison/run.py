"""All experiments of a study on one data set under one model: the outcome for each person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facebench.logs import Progress
from facebench.protocols.poison.arrange import Arrangement, arrange, divide
from facebench.protocols.poison.by_person import by_person, joined
from facebench.protocols.poison.classifiers import linear_hits
from facebench.protocols.poison.experiments import Experiment
from facebench.protocols.poison.misses import AllStrangers, Strangers, missed, thresholds
from facebench.protocols.poison.nearest import search
from facebench.protocols.poison.split import Split
from facebench.protocols.poison.variants import Variants


class Done(NamedTuple):
    """What happened in all experiments."""

    #: One row a protected person and experiment.
    outcomes: pd.DataFrame
    #: The clean searches that set the thresholds.
    strangers: AllStrangers


def run(variants: Variants, experiments: Sequence[Experiment], options: Mapping[str, Any]) -> Done:
    """Return the outcomes of all experiments, in the order of `experiments`.

    `identity`; the columns `KEYS`; `probes`, `failed` (how many were searched with, how many of
    them have no vector), `share` (of the gallery's pictures that are actually poisoned); `nearest`,
    `linear`, `adaptive`: how many of the probes were taken for the person; `found`: by `nearest`,
    probe by probe; `rank`, a list: of the first own picture; `mate`, a list: its score if it is
    first, else -inf; `fold`, a list; `missed@FPIR`: how many at the clean threshold. `made_from`, a
    list, only where an attack makes one change for several pictures: whether it was made from the
    probe (1, 0; -1 of a probe without the change).
    """
    tables: list[pd.DataFrame] = []
    strangers: dict[tuple[int, str], Strangers] = {}
    for fold in range(options["folds"]):
        parts = divide(variants, options["train"], options["seed"], fold)
        if not len(parts.probes):
            continue
        everyone = _subjects(variants, experiments, parts, options)
        here = {
            name: clean_searches(variants, parts, everyone, name)
            for name in dict.fromkeys(experiment.untouched for experiment in experiments)
        }
        tables += list(_fold(variants, parts, experiments, options, fold, everyone, here))
        strangers |= {(fold, name): found for name, found in here.items()}
    if not tables:
        return Done(pd.DataFrame(), strangers)
    table = pd.concat(tables, ignore_index=True)
    return Done(joined(table) if options["folds"] > 1 else table, strangers)


def _fold(
    variants: Variants,
    parts: Split,
    experiments: Sequence[Experiment],
    options: Mapping[str, Any],
    fold: int,
    everyone: np.ndarray,
    strangers: Mapping[str, Strangers],
) -> Iterator[pd.DataFrame]:
    """Yield the outcomes of each experiment, in the order of `experiments`."""
    people = variants.people
    limits = {name: thresholds(found, options["fpir"]) for name, found in strangers.items()}
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
            probes["mate"] = np.where(found[i].rank <= 1, found[i].mate, np.float32(-np.inf))
            probes["fold"] = np.full(len(chosen), fold)
            lost = missed(probes["mate"][:, None], limit)
            probes |= {f"missed@{f:g}": lost[:, j] for j, f in enumerate(options["fpir"])}
            probes["failed"] = arrangement.probes[chosen] < 0
            if variants.made_from:
                probes["made_from"] = made_from(experiment, variants)[chosen]
            results[experiment] = by_person(experiment, variants, parts, chosen, probes)
        progress.step(len(group))
    for experiment in experiments:
        yield results[experiment]


def made_from(experiment: Experiment, variants: Variants) -> np.ndarray:
    """Return whether a shared change was made from each picture, as a probe: int8 (n,), or -1."""
    none = np.full(len(variants.people), -1, np.int8)
    if experiment.threat not in ("probe", "both") or experiment.share == 0:
        return none
    return variants.made_from.get(experiment.poisoned, none)


def clean_searches(variants: Variants, parts: Split, people: np.ndarray, variant: str) -> Strangers:
    """Search for every one of `people`, numbers, as if not enrolled, in pictures as nobody poisons.

    A search that failed finds nobody.
    """
    chosen = parts.probes[np.isin(variants.people[parts.probes], people)]
    rows = variants.rows[variant]
    found = search(
        variants.vectors, variants.people, parts.gallery, chosen, rows, rows, [rows]
    )[0]  # fmt: skip
    identity = variants.pictures.identities[variants.people[chosen]].astype(str)
    return Strangers(identity, found.other)


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
