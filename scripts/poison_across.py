"""Poisoned pictures under several models: tested effects, transfer, groups and votes."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from facebench.logs import LOG, log_to, report_result
from facebench.protocols.poison.breakdown import breakdown
from facebench.protocols.poison.effects import effects
from facebench.protocols.poison.paired import Attack
from facebench.protocols.poison.transfer import transfer
from facebench.protocols.poison.votes import votes
from facebench.store import layout
from facebench.store.records import code_version
from facebench.store.tables import read_table, write_table


def main(
    *,
    study: str,
    faces: Sequence[tuple[str, str]],
    models: Sequence[str],
    attacks: Mapping[str, Mapping[str, Any]],
    controls: Sequence[str],
    vote: bool,
    margin: float,
    statistics: Mapping[str, Any],
    code: str,
    outputs: Mapping[str, str],
) -> None:
    """Write the four tables of a study; faces: (data set, crop) of its experiments.

    attacks: kind, surrogates and whether a control, by name. controls: models that recognise
    nobody. margin: what an attack that is a control may cost and still do next to nothing.
    """
    known = {
        name: Attack(spec["kind"], tuple(spec["surrogates"]), spec["control"])
        for name, spec in attacks.items()
    }
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in outputs}
    for dataset, crop in faces:
        paths = {model: layout.outcomes(study, dataset, crop, model, "poison") for model in models}
        found = over_models(paths, known, controls, vote, margin, statistics)
        for name, table in found.items():
            where = {"dataset": dataset, "crop": crop}
            tables[name].append(table.assign(**where)[table.columns])
    settings = {"margin": margin, "statistics": dict(statistics)}
    record = {"poison_across": {**settings, "code": code_version(code)}}
    for name, parts in tables.items():
        filled = [table for table in parts if len(table)] or parts[:1]
        write_table(pd.concat(filled, ignore_index=True), outputs[name], record)
        LOG.info("%s: %s rows", name, f"{sum(map(len, filled)):,}")
    report_result(f"{len(attacks)} attacks on {len(models)} models, {len(faces)} sets of faces")


def over_models(
    paths: Mapping[str, str],
    attacks: Mapping[str, Attack],
    controls: Sequence[str],
    vote: bool,
    margin: float,
    statistics: Mapping[str, Any],
) -> dict[str, pd.DataFrame]:
    """Return the tables of one data set and crop; paths: the outcomes of every model."""
    tables = {model: read_table(path) for model, path in paths.items()}
    tables = {model: table for model, table in tables.items() if len(table)}
    return {
        "effects": effects(tables, attacks, margin, statistics),
        "transfer": transfer(tables, attacks, controls, statistics),
        "groups": breakdown(tables, statistics),
        "votes": votes(tables if vote else {}, attacks, controls, statistics),
    }


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        study=snakemake.wildcards.study,
        faces=snakemake.params.faces,
        models=snakemake.params.models,
        attacks=snakemake.params.attacks,
        controls=snakemake.params.controls,
        vote=snakemake.params.vote,
        margin=snakemake.params.margin,
        statistics=snakemake.params.statistics,
        code=snakemake.params.code,
        outputs=dict(snakemake.output.items()),
    )
