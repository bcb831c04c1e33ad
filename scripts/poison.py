"""Poisoned pictures: who is still found by one model, in every experiment that is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.logs import LOG, log_to
from facebench.protocols.evaluation import Numbers, write_results
from facebench.protocols.poison.arrange import divide
from facebench.protocols.poison.experiments import NONE, Cell, cells
from facebench.protocols.poison.groups import groups
from facebench.protocols.poison.measures import measure
from facebench.protocols.poison.picture_numbers import add_pictures
from facebench.protocols.poison.run import run
from facebench.protocols.poison.variants import Material, gather, origins, with_decoys
from facebench.stats.enough_data import unresolved
from facebench.store.tables import read_table

NOBODY = "No protected person has two pictures, so nobody can be searched for."


def main(
    clean: Sequence[str],
    images: str,
    variants: Mapping[str, Sequence[str]],
    decoys: Mapping[str, Sequence[str]],
    attacks: Sequence[str],
    reencodings: Sequence[str],
    options: Mapping[str, Any],
    where: Mapping[str, str],
    statistics: Mapping[str, Any],
    outputs: Sequence[str],
) -> None:
    """Run all experiments on one data set, crop and model; write metrics and outcomes.

    `clean`, and the values of `variants` and `decoys`, are paths: faces, embeddings, metadata.
    """
    options = {**options, "classifiers": classifiers(options)}
    material = with_decoys(gather(clean, variants, images), decoys)
    wanted = cells(options, attacks, reencodings)
    outcomes = run(material, wanted, options)
    own = slice(material.own)
    numbers = Numbers(
        protocol="poison",
        where={**where, "variant": "clean"},
        n_identities=len(np.unique(material.people[own])),
        n_images=len(material.people),
        n_failed=int(material.pictures.failed.sum()),
    )
    refused = {rate: problem(rate, material, options) for rate in options["fpir"]}
    for cell in wanted:
        if cell.share == 1 and cell.reencode == NONE and nobody(outcomes, cell):
            where_to = {"attack": cell.attack, "threat": cell.threat, "fraction": cell.share}
            numbers.refuse("protection", NOBODY, "nearest", **where_to)
    if len(outcomes):
        measure(numbers, outcomes, options["ranks"], refused, statistics)
        for rate, sentence in refused.items():
            if sentence:
                numbers.refuse("fnir", sentence, rate)
    for attack in attacks:
        for name in [NONE, *reencodings] if options["reencoded"] else [NONE]:
            if name == NONE or f"{attack}+{name}" in material.rows:
                detector = "detector" in options["defences"]
                add_pictures(numbers, material, attack, name, detector, statistics)
    parameters = {
        "options": dict(options),
        "attacks": list(attacks),
        "reencodings": list(reencodings),
        "variants": origins(material),
        "statistics": dict(statistics),
    }
    outcomes = with_groups(outcomes, read_table(images), options["groups"])
    tell(outcomes)
    write_results(numbers, outcomes, material.pictures.record, parameters, outputs, tell=False)


def classifiers(options: Mapping[str, Any]) -> list[str]:
    """Return the classifiers, among them the one that is trained on cloaks, if it is asked for."""
    return [*options["classifiers"], *(["adaptive"] if "adaptive" in options["defences"] else [])]


def nobody(outcomes: pd.DataFrame, cell: Cell) -> bool:
    """Return whether nobody was searched for under the attack and threat of an experiment."""
    if outcomes.empty:
        return True
    return not ((outcomes.attack == cell.attack) & (outcomes.threat == cell.threat)).any()


def problem(rate: float, material: Material, options: Mapping[str, Any]) -> str | None:
    """Return why this FPIR can't be measured, in a sentence, or None."""
    parts = divide(material, options["train"], options["seed"], 0)
    people = np.unique(material.people[parts.probes])
    most = max(options["bystanders"], 1)
    searches = len(parts.probes) * min(most / max(len(people), 1), 1)
    return unresolved(rate, "FPIR", searches, min(len(people), most))


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


def tell(outcomes: pd.DataFrame) -> None:
    """Log the protection of the whole gallery, which is what most come for."""
    if outcomes.empty:
        return
    whole = outcomes[(outcomes.threat == "gallery") & (outcomes.reencode == NONE)]
    for attack, part in whole.groupby("attack", sort=False):
        found = {
            share: (one["nearest"] / one["probes"]).mean()
            for share, one in part.groupby("fraction")
        }
        LOG.info(
            "%s, gallery poisoned: found %.1f %%, without it %.1f %% (%d people)",
            attack, 100 * found[max(found)], 100 * found[0.0], part["identity"].nunique(),
        )  # fmt: skip


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        [snakemake.input.faces, snakemake.input.embeddings, snakemake.input.metadata],
        snakemake.input.images,
        {
            name: paths
            for name, *paths in zip(
                snakemake.params.variants,
                snakemake.input.variant_faces,
                snakemake.input.variant_embeddings,
                snakemake.input.variant_metadata,
                strict=True,
            )
        },
        {
            name: paths
            for name, *paths in zip(
                snakemake.params.decoys,
                snakemake.input.decoy_faces,
                snakemake.input.decoy_embeddings,
                snakemake.input.decoy_metadata,
                strict=True,
            )
        },
        snakemake.params.attacks,
        snakemake.params.reencodings,
        snakemake.params.options,
        dict(snakemake.wildcards),
        snakemake.params.statistics,
        [snakemake.output.metrics, snakemake.output.outcomes],
    )
