"""Pictures that were made to come first for everybody, as entries of an index."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.hub_experiment import NO_POOL, Experiment
from facebench.evaluation.hub_numbers import Rates, add_effect, fewest
from facebench.evaluation.hubs_by_name import index_by_name
from facebench.evaluation.index_poison import index_of
from facebench.evaluation.results import Numbers
from facebench.evaluation.task import AttackTask, Result
from facebench.protocols.hubs.groups import Groups, division, groups
from facebench.protocols.poison.experiments import CLEAN, NONE
from facebench.protocols.poison.picture_numbers import add_costs
from facebench.protocols.poison.variants import Variants, attack_table, gather
from facebench.store.tables import read_record
from facebench.vectors.stored_names import Names, read_names

NOBODY = "No picture could be put into an index of three people or more, and searched for."


def hub_pictures(task: AttackTask) -> Result:
    """Put attacked pictures into the index of clean ones, and as the control the same ones clean.

    Who the attacker's people are, and who is searched for, is what the attack was told.
    """
    return put_in(task, "hub_pictures")


def hub_pictures_by_name(task: AttackTask) -> Result:
    """Do the same with pictures for searches by name, and search the index with names."""
    return put_in(task, "hub_pictures_by_name", read_names(task.names))


def put_in(task: AttackTask, protocol: str, names: Names | None = None) -> Result:
    """Return the result of a protocol; names: where the index is searched with them."""
    variants = gather(task.clean, task.variants)
    pictures = variants.pictures
    numbers = Numbers(
        protocol=protocol,
        where=task.where,
        n_identities=len(pictures.identities),
        n_images=len(variants.people),
        n_failed=int(pictures.failed.sum()),
    )
    tables = [pd.DataFrame({"identity": [], "image_id": [], "attack": []}, dtype="str")]
    for attack, files in task.variants.items():
        spec = read_record(files.faces)["attack"]["spec"]
        order = best_first(variants, attack, files.faces)
        found = measure(
            numbers, variants, attack, order, {**task.hubs, **shared(spec)}, task, names
        )
        tables += [found.assign(attack=attack)] if found is not None else []
        add_costs(numbers, variants.costs[attack], {"attack": attack, "reencode": NONE})
    parameters = {
        "options": dict(task.hubs),
        "attacks": list(task.variants),
        "statistics": dict(task.statistics),
    }
    outcomes = pd.concat(tables, ignore_index=True)
    record = pictures.record if names is None else {**names.record, **pictures.record}
    return Result(numbers, outcomes, parameters, record)


def shared(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of an attack that take the place of those in the section `hubs`."""
    same = {key: spec[key] for key in ("train", "attacker", "sentinels")}
    return {**same, "seed": spec["division_seed"]}


def best_first(variants: Variants, attack: str, faces: str) -> np.ndarray:
    """Return the numbers of the changed pictures, those first that the surrogates like best.

    Of those that aim at one part of the searches, the second comes after the first of all parts.
    """
    ids = variants.pictures.labels["image_id"]
    table = attack_table(faces).set_index("image_id").reindex(ids)
    value = table["objective"].to_numpy(float)
    usable = variants.attacked[attack] & (variants.rows[attack] >= 0) & np.isfinite(value)
    usable &= variants.rows[CLEAN] >= 0
    chosen = np.flatnonzero(usable)
    chosen = chosen[np.argsort(-value[chosen], kind="stable")]
    turn = pd.Series(chosen).groupby(table["target"].fillna("").to_numpy()[chosen]).cumcount()
    return chosen[np.argsort(turn.to_numpy(), kind="stable")]


def measure(
    numbers: Numbers,
    variants: Variants,
    attack: str,
    order: np.ndarray,
    options: Mapping[str, Any],
    task: AttackTask,
    names: Names | None = None,
) -> pd.DataFrame | None:
    """Add the numbers of one attack; return what happened to each search."""
    pictures = variants.pictures
    train, seed = options["train"], options["seed"]
    shares = options["attacker"], options["sentinels"]
    parts: Groups | None
    if names is None:
        probes, parts = division(pictures.people, train, *shares, seed)
        index = index_of(pictures, train, seed)
        labels = pictures.labels[["identity", "image_id"]].iloc[probes].reset_index(drop=True)
    else:
        index, known, _ = index_by_name(pictures, names, train, seed)
        parts = groups(index.people, *shares, seed)
        labels = pd.DataFrame({"identity": known[index.people].astype(str), "image_id": ""})
    if parts is None or not len(index.entries) or not len(order):
        numbers.refuse("hits", NOBODY, at=f"1/{options['top'][0]}", attack=attack)
        return None
    experiment = Experiment(index, parts, options)
    mine = np.isin(index.people, parts.searched)
    rates = Rates(index.people[mine], index.failed[mine], task.statistics["confidence"])
    size = int(index.listed.sum())
    outcomes = labels[mine].reset_index(drop=True)
    cell: dict[str, Any] = {"attack": attack, "n_identities": len(parts.searched)}
    rates.add(numbers, "rank1", experiment.right(), "0", **cell)
    for kind, variant in (("picture", attack), ("carrier", CLEAN)):
        made = []
        for many in sorted(options["entries"]):
            cell |= {"threat": f"hub-{kind}", "fraction": many / (size + many)}
            if many > len(order):
                numbers.refuse("hits", NO_POOL, at=f"{many}/{options['top'][0]}", **cell)
                continue
            vectors = variants.vectors[variants.rows[variant][order[:many]]]
            made.append(experiment.effect_of_vectors(kind, vectors))
            add_effect(numbers, rates, made[-1], options["top"], cell)
        for k in options["top"]:
            outcomes[f"entries_{kind}_{k}"] = fewest(rates, made, k)
    return outcomes
