"""Poisoned pictures under several models: tested effects, transfer, groups and votes."""

from collections.abc import Mapping, Sequence
from typing import Any

from facebench.logs import LOG, log_to
from facebench.protocols.poison.breakdown import breakdown
from facebench.protocols.poison.over_models import Attack, effects, transfer, votes
from facebench.store.records import code_version
from facebench.store.tables import read_table, write_table


def main(
    outcomes: Sequence[str],
    models: Sequence[str],
    attacks: Mapping[str, Mapping[str, Any]],
    controls: Sequence[str],
    vote: bool,
    where: Mapping[str, str],
    statistics: Mapping[str, Any],
    outputs: Mapping[str, str],
) -> None:
    """Write the four tables of one data set and crop; `outcomes` are those of `models`.

    attacks: kind and surrogates by name. controls: models that recognise nobody.
    """
    tables = {model: read_table(path) for model, path in zip(models, outcomes, strict=True)}
    tables = {model: table for model, table in tables.items() if len(table)}
    known = {
        name: Attack(spec["kind"], tuple(spec.get("surrogates", ())))
        for name, spec in attacks.items()
    }
    sure = statistics["confidence"]
    found = {
        "effects": effects(tables, sure),
        "transfer": transfer(tables, known, controls, sure),
        "groups": breakdown(tables, sure),
        "votes": votes(tables if vote else {}, known, controls, sure),
    }
    record = {"poison_across": {"statistics": dict(statistics), "code": code_version()}}
    for name, table in found.items():
        columns = table.columns
        write_table(table.assign(**where)[columns], outputs[name], record)
        LOG.info("%s: %d rows", name, len(table))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.outcomes,
        snakemake.params.models,
        snakemake.params.attacks,
        snakemake.params.controls,
        snakemake.params.vote,
        dict(snakemake.wildcards),
        snakemake.params.statistics,
        dict(snakemake.output.items()),
    )
