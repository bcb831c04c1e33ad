"""All experiments of a study on one data set under one model: what becomes of whom."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.logs import Progress
from facebench.protocols.poison.arrange import Arrangement, arrange, divide
from facebench.protocols.poison.classifiers import linear_hits
from facebench.protocols.poison.experiments import Cell
from facebench.protocols.poison.nearest import search
from facebench.protocols.poison.split import Split
from facebench.protocols.poison.variants import Material
from facebench.protocols.thresholds import Curve

#: What tells one experiment from the others in the table of outcomes.
KEYS = ["attack", "threat", "fraction", "reencode"]


def run(material: Material, cells: Sequence[Cell], options: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a protected person and experiment, in the order of `cells`.

    `identity`; `KEYS`; `probes`, `failed` (how many were searched with, how many of them have no
    vector), `share` (of the gallery's pictures that are poisoned in fact); `nearest`, `linear`,
    `adaptive`: how many of the probes were taken for the person; `found`: by `nearest`, probe by
    probe; `rank`, a list: of the first own picture; `missed@FPIR`: how many at the clean threshold.
    """
    tables = []
    for fold in range(options["folds"]):
        parts = divide(material, options["train"], options["seed"], fold)
        if len(parts.probes):
            tables += list(_fold(material, parts, cells, options))
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, ignore_index=True)
    if options["folds"] > 1:
        table = _joined(table)
    return table


def _fold(
    material: Material, parts: Split, cells: Sequence[Cell], options: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """Yield the outcomes of each experiment, in the order of `cells`."""
    people = material.people
    everyone = _subjects(material, cells, parts, options)
    limits = {
        name: thresholds(material, parts, everyone, name, options["fpir"])
        for name in dict.fromkeys(cell.untouched for cell in cells)
    }
    results: dict[Cell, pd.DataFrame] = {}
    groups: dict[tuple[object, ...], list[tuple[Cell, Arrangement]]] = {}
    for cell in cells:
        arrangement = arrange(cell, material, parts)
        groups.setdefault(arrangement.key, []).append((cell, arrangement))
    progress = Progress(len(cells), "experiments")
    for group in groups.values():
        arrangements = [arrangement for _, arrangement in group]
        chosen = _searched(material, [cell for cell, _ in group], parts, everyone)
        found = search(
            material.vectors, people, parts.gallery, chosen, arrangements[0].probes,
            arrangements[0].others, [a.own for a in arrangements],
        )  # fmt: skip
        taken = linear_hits(material, parts, group, chosen, options["classifiers"])
        for i, (cell, arrangement) in enumerate(group):
            probes: dict[str, np.ndarray] = {"rank": found[i].rank, "nearest": found[i].rank <= 1}
            probes |= {n: one for n, hits in taken.items() if (one := hits[i]) is not None}
            limit = limits[cell.untouched]
            right = (found[i].rank <= 1)[:, None] & (found[i].mate[:, None] >= limit)
            probes |= {f"missed@{f:g}": ~right[:, j] for j, f in enumerate(options["fpir"])}
            probes["failed"] = arrangement.probes[chosen] < 0
            results[cell] = _people(cell, material, parts, chosen, probes)
        progress.step(len(group))
    for cell in cells:
        yield results[cell]


def thresholds(
    material: Material, parts: Split, people: np.ndarray, variant: str, fpir: Sequence[float]
) -> np.ndarray:
    """Return the scores that shares `fpir` of clean searches without a mate reach: float64 (r,).

    Every person is searched for as if not enrolled, by the best score of somebody else; a search
    that failed finds nobody.
    """
    chosen = parts.probes[np.isin(material.people[parts.probes], people)]
    rows = material.rows[variant]
    found = search(
        material.vectors, material.people, parts.gallery, chosen, rows, rows, [rows]
    )[0]  # fmt: skip
    scores = found.other[np.isfinite(found.other)]
    curve = Curve(np.zeros(0, np.float32), scores)
    points = curve.at(np.asarray(fpir, float), len(chosen), np.zeros(0), np.ones(len(scores)))
    return points.threshold


def _subjects(
    material: Material, cells: Sequence[Cell], parts: Split, options: Mapping[str, Any]
) -> np.ndarray:
    """Return all people who are searched for: the protected, and bystanders up to their number."""
    protected = np.unique(np.concatenate([material.protected(c.attack) for c in _attacking(cells)]))
    searched = np.unique(material.people[parts.probes])
    others = np.setdiff1d(searched, protected)
    shuffled = np.random.default_rng(options["seed"]).permutation(others)
    return np.union1d(protected, shuffled[: max(0, options["bystanders"] - len(protected))])


def _attacking(cells: Sequence[Cell]) -> list[Cell]:
    return list({cell.attack: cell for cell in cells}.values())


def _searched(
    material: Material, cells: Sequence[Cell], parts: Split, everyone: np.ndarray
) -> np.ndarray:
    """Return the pictures that the experiments of a group search with: its people's probes."""
    if any(cell.threat == "decoys" for cell in cells):
        people = everyone
    else:
        attacks = {cell.attack for cell in cells}
        people = np.unique(np.concatenate([material.protected(name) for name in attacks]))
    return parts.probes[np.isin(material.people[parts.probes], people)]


def _people(
    cell: Cell,
    material: Material,
    parts: Split,
    chosen: np.ndarray,
    probes: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Return the outcomes of an experiment by person; `probes` holds those of the searches."""
    whose = material.people[chosen]
    if cell.threat != "decoys":
        keep = np.isin(whose, exposed(cell, material, parts))
        chosen, whose = chosen[keep], whose[keep]
        probes = {name: values[keep] for name, values in probes.items()}
    order = np.argsort(whose, kind="stable")
    numbers, starts = np.unique(whose[order], return_index=True)
    table = {
        "identity": material.pictures.identities[numbers].astype(str),
        "attack": cell.attack,
        "threat": cell.threat,
        "fraction": cell.share,
        "reencode": cell.reencode,
        "probes": np.diff([*starts, len(whose)]),
        "share": _share(cell, material, parts, numbers),
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


def exposed(cell: Cell, material: Material, parts: Split) -> np.ndarray:
    """Return the numbers of the people some of whose pictures the threat can poison, ascending.

    All who are protected; where the data set says which pictures are searched with, an attack may
    have been given the others only.
    """
    if material.enrolled is None:
        return material.protected(cell.attack)
    places = {"gallery": [parts.gallery], "probe": [parts.probes]}
    people = [
        np.unique(material.people[place[material.attacked[cell.attack][place]]])
        for place in places.get(cell.threat, [parts.gallery, parts.probes])
    ]
    return np.intersect1d(people[0], people[-1])


def _share(cell: Cell, material: Material, parts: Split, numbers: np.ndarray) -> np.ndarray:
    """Return which share of each person's pictures the experiment poisons in fact, float64 (p,).

    Of the gallery, or of what is searched with; for decoys of all others' gallery together.
    """
    if cell.share == 0:
        return np.zeros(len(numbers))
    n = material.people.max(initial=0) + 1
    inside = np.zeros(len(material.people), bool)
    inside[parts.probes if cell.threat == "probe" else parts.gallery] = True
    inside[material.own :] = False
    poisoned = inside & material.attacked[cell.poisoned]
    if cell.threat != "probe":
        poisoned &= parts.poisoned(cell.share)
    total = np.bincount(material.people[inside], minlength=n)
    many = np.bincount(material.people[poisoned], minlength=n)
    if cell.threat == "decoys":
        total, many = total.sum() - total, many.sum() - many
    return (many / np.maximum(total, 1))[numbers]


def _joined(table: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes of all folds as one row a person and experiment."""
    how: dict[str, Any] = {name: "sum" for name in table.columns.drop(["identity", *KEYS])}
    how["share"] = "mean"
    how["rank"] = how["found"] = lambda lists: [value for one in lists for value in one]
    people = table.groupby([*KEYS, "identity"], sort=False)
    return people.agg(how).reset_index()[table.columns.tolist()]
