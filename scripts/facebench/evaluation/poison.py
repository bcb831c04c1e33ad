"""Poisoned pictures: who is still found by one model, in every experiment of the study."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.results import Numbers
from facebench.evaluation.task import AttackTask, Result
from facebench.logs import LOG
from facebench.protocols.poison.arrange import divide
from facebench.protocols.poison.experiments import NONE, Experiment, all_experiments
from facebench.protocols.poison.groups import groups
from facebench.protocols.poison.measures import measure
from facebench.protocols.poison.picture_numbers import add_pictures
from facebench.protocols.poison.run import run
from facebench.protocols.poison.variants import Variants, gather, origins, with_decoys
from facebench.stats.enough_data import why_unmeasurable
from facebench.store.tables import read_table
from facebench.texts import counted

NOBODY = "No protected person has two pictures, so nobody can be searched for."


def poison(task: AttackTask) -> Result:
    """Run all experiments on one data set, crop and model."""
    options = {**task.options, "classifiers": classifiers(task.options)}
    variants = gather(task.clean, task.variants, task.images)
    variants = with_decoys(variants, task.decoys, task.clean.faces)
    for name, people in variants.left_out.items():
        LOG.info(
            "%s of %s left out: pictures of theirs are the data set's own",
            counted(len(people), "person", "people"),
            name,
        )
    wanted = all_experiments(options, task.attacks, task.reencodings)
    outcomes, strangers = run(variants, wanted, options)
    numbers = Numbers(
        protocol="poison",
        where=task.where,
        n_identities=len(np.unique(variants.people[: variants.own])),
        n_images=len(variants.people),
        n_failed=int(variants.pictures.failed.sum()),
    )
    refuse_nobody(numbers, wanted, outcomes)
    refused = {rate: why_refused(rate, variants, options) for rate in options["fpir"]}
    if len(outcomes):
        measure(numbers, outcomes, strangers, options["ranks"], refused, task.statistics)
        outcomes = outcomes.drop(columns=["mate", "fold"])
        for rate, sentence in refused.items():
            if sentence:
                numbers.refuse("fnir", sentence, rate)
    for attack in task.attacks:
        for name in [NONE, *task.reencodings] if options["reencoded"] else [NONE]:
            if name == NONE or f"{attack}+{name}" in variants.rows:
                detector = "detector" in options["defences"]
                add_pictures(numbers, variants, attack, name, detector, task.statistics)
    parameters = {
        "options": dict(options),
        "attacks": list(task.attacks),
        "reencodings": list(task.reencodings),
        "variants": origins(variants),
        "left_out": dict(variants.left_out),
        "statistics": dict(task.statistics),
    }
    outcomes = with_groups(outcomes, read_table(task.images), options["groups"])
    log_protection(outcomes)
    return Result(numbers, outcomes, parameters, variants.pictures.record)


def refuse_nobody(numbers: Numbers, wanted: Sequence[Experiment], outcomes: pd.DataFrame) -> None:
    """Refuse the protection by an attack with which nobody was searched for."""
    for experiment in wanted:
        if experiment.share != 1 or experiment.reencode != NONE or any_search(outcomes, experiment):
            continue
        cell = {"attack": experiment.attack, "threat": experiment.threat}
        numbers.refuse("protection", NOBODY, "nearest", **cell, fraction=experiment.share)


def classifiers(options: Mapping[str, Any]) -> list[str]:
    """Return the classifiers, with `adaptive` if the study has it."""
    return [*options["classifiers"], *(["adaptive"] if "adaptive" in options["defences"] else [])]


def any_search(outcomes: pd.DataFrame, experiment: Experiment) -> bool:
    """Return whether anybody was searched for under an experiment's attack and threat."""
    if outcomes.empty:
        return False
    same = (outcomes.attack == experiment.attack) & (outcomes.threat == experiment.threat)
    return bool(same.any())


def why_refused(rate: float, variants: Variants, options: Mapping[str, Any]) -> str | None:
    """Return why this FPIR can't be measured, in a sentence, or None."""
    parts = divide(variants, options["train"], options["seed"], 0)
    people = np.unique(variants.people[parts.probes])
    most = max(options["bystanders"], 1)
    searches = len(parts.probes) * min(most / max(len(people), 1), 1)
    return why_unmeasurable(rate, "FPIR", searches, min(len(people), most))


def with_groups(
    outcomes: pd.DataFrame, images: pd.DataFrame, wanted: Sequence[str]
) -> pd.DataFrame:
    """Return the outcomes with columns `group:sex`, ...: which groups their people belong to."""
    if outcomes.empty:
        return outcomes
    table = groups(images, wanted)
    for name in table:
        outcomes[f"group:{name}"] = outcomes["identity"].map(table[name]).astype("str")
    return outcomes


def log_protection(outcomes: pd.DataFrame) -> None:
    """Log the protection of the whole gallery, the main result."""
    if outcomes.empty:
        return
    whole = outcomes[(outcomes.threat == "gallery") & (outcomes.reencode == NONE)]
    for attack, part in whole.groupby("attack", sort=False):
        shares = (part["nearest"] / part["probes"]).groupby(part["fraction"]).mean()
        LOG.info(
            "%s, gallery poisoned: found %.1f %%, without it %.1f %% (%d people)",
            attack, 100 * shares.iloc[-1], 100 * shares.iloc[0], part["identity"].nunique(),
        )  # fmt: skip
