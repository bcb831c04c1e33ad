"""The outcomes of an experiment by person, from those of single searches."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.protocols.poison.experiments import Experiment
from facebench.protocols.poison.split import Split
from facebench.protocols.poison.variants import Variants

#: What tells one experiment from the others in the table of outcomes.
KEYS = ["attack", "threat", "fraction", "reencode"]
#: What is kept of every search, one by one.
LISTS = {"rank": np.float32, "mate": np.float32, "fold": np.int8, "made_from": np.int8}


def by_person(
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
        if name in LISTS:
            table[name] = [one.astype(LISTS[name]).tolist() for one in lists]
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
        np.unique(variants.people[place[variants.meant[experiment.attack][place]]])
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


def joined(table: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes of all folds as one row a person and experiment."""
    how: dict[str, Any] = {name: "sum" for name in table.columns.drop(["identity", *KEYS])}
    how["share"] = "mean"
    for name in how.keys() & {*LISTS, "found"}:
        how[name] = lambda lists: [value for one in lists for value in one]
    people = table.groupby([*KEYS, "identity"], sort=False)
    return people.agg(how).reset_index()[table.columns.tolist()]
