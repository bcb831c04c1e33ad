"""Gather every number, comparison and record of a study into one table each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from facebench.logs import log_to, report_result
from facebench.store.atomic import replacing
from facebench.store.damage import read_json
from facebench.store.records import record_id
from facebench.store.tables import (
    METRIC_COLUMNS,
    csv_text,
    read_record,
    read_table,
    write_table,
)
from facebench.texts import in_words

#: Facts that are yes, no or unknown; empty where they make no sense.
PUBLISHED = ("faces_blurred", "commercial")


def collect(paths: Sequence[str]) -> pd.DataFrame:
    """Return the rows of all tables in `paths`, in their order, with a fresh row index."""
    tables = [read_table(path) for path in paths]
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def records(paths: Sequence[str]) -> pd.DataFrame:
    """Return one row a record: `record` (its id) and `json` (all that the numbers depend on)."""
    found = {}
    for path in paths:
        record = read_record(path)
        found[record_id(record)] = json.dumps(record, sort_keys=True, ensure_ascii=False)
    return pd.DataFrame({"record": list(found), "json": list(found.values())}, dtype="str")


def model_table(
    descriptions: Sequence[str], facts: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """Return one row a model: what the rule `weights` found, and the registry's facts."""
    rows = []
    for path in descriptions:
        found = read_json(path)
        size = {key: found[key] for key in ("parameters_m", "total_parameters_m")}
        known = {key: found["record"].get(key) for key in ("revision", "weights_sha256")}
        name = found["model"]
        own = {key: facts[name].get(key) for key in ("gflops", "data", "licence")}
        own |= {key: in_words(facts[name].get(key)) or None for key in PUBLISHED}
        what = {key: found[key] for key in ("family", "kind", "text", "control")}
        rows.append({"model": name, **what, **size, **own, **known})
    return pd.DataFrame(rows)


def main(
    metric_tables,
    comparison_tables,
    descriptions,
    facts,
    metrics,
    metrics_csv,
    comparisons,
    record_table,
    models,
):
    """Write the five tables that the dashboard and the report read."""
    write_table(model_table(descriptions, facts), models, {})
    numbers = collect(metric_tables).reindex(columns=METRIC_COLUMNS)
    write_table(numbers, metrics, {})
    with replacing(metrics_csv) as part:
        part.write_text(csv_text(numbers), encoding="utf-8")
    write_table(collect(comparison_tables), comparisons, {})
    write_table(records(metric_tables), record_table, {})
    report_result(f"{len(numbers):,} numbers of {len(metric_tables):,} evaluations")


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        metric_tables=snakemake.input.metrics,
        comparison_tables=snakemake.input.comparisons,
        descriptions=snakemake.input.models,
        facts=snakemake.params.facts,
        metrics=snakemake.output.metrics,
        metrics_csv=snakemake.output.csv,
        comparisons=snakemake.output.comparisons,
        record_table=snakemake.output.records,
        models=snakemake.output.models,
    )
