"""Write the errors at a threshold by group of people, of all models and data sets."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from facebench.evaluation import group_pairs
from facebench.evaluation.groups import COLUMNS, Errors, by_group, of_pairs, of_searches
from facebench.logs import LOG, log_to, report_result
from facebench.protocols.poison.groups import groups
from facebench.stats.significance import holm
from facebench.store import layout
from facebench.store.records import code_version
from facebench.store.tables import read_record, read_table, write_table
from facebench.texts import counted

WHERE = ["dataset", "crop", "model"]


def main(
    *,
    study: str,
    jobs: Sequence[tuple[str, str, str, str]],
    attributes: Sequence[str],
    statistics: Mapping[str, Any],
    code: str,
    output: str,
) -> None:
    """Write one row a group, error and model; jobs: (data set, crop, model, protocol).

    `p_corrected`: Holm over the groups of one model, crop and error.
    """
    rows = []
    for dataset in dict.fromkeys(job[0] for job in jobs):
        people = groups(read_table(layout.images(dataset)), attributes)
        found, mistaken = [], []
        for name, crop, model, protocol in jobs:
            if name == dataset:
                path = layout.outcomes(study, dataset, crop, model, protocol)
                where = dict(zip(WHERE, (dataset, crop, model), strict=True))
                found += [one._replace(where=where) for one in measured(path, protocol)]
                mistaken += [one._replace(where=where) for one in accepted(path, protocol)]
        rows += by_group(found, people, statistics)
        rows += group_pairs.by_group(mistaken, people, statistics)
    columns = [*WHERE, *COLUMNS, "p_corrected"]
    rows = corrected(rows)
    record = {"groups": {"statistics": dict(statistics), "code": code_version(code)}}
    write_table(pd.DataFrame(rows, columns=columns), output, record)
    LOG.info("%d rows", len(rows))
    report_result(
        f"{counted(len({(row['group'], row['value']) for row in rows}), 'group')} of people"
    )


def corrected(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with `p_corrected`."""
    families: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in (row for row in rows if "p" in row):
        families.setdefault(tuple(row[name] for name in [*WHERE, "metric", "at"]), []).append(row)
    tested = [
        {**row, "p_corrected": p}
        for family in families.values()
        for row, p in zip(family, holm([row["p"] for row in family]), strict=True)
    ]
    return tested + [row for row in rows if "p" not in row]


def measured(path: str, protocol: str) -> list[Errors]:
    """Return the errors that the outcomes of a protocol hold."""
    table, said = read_table(path), read_record(path)[protocol]
    if protocol == "verify":
        refused = said["refused"]
        return [one for one in of_pairs(table) if f"tar@{one.at}" not in refused]
    at = said["compared"]["at"]
    return list(of_searches(table, at)) if at else []


def accepted(path: str, protocol: str) -> list[group_pairs.Mistaken]:
    """Return the accepted pairs of two people that the outcomes of a protocol hold."""
    if protocol != "verify":
        return []
    refused = read_record(path)[protocol]["refused"]
    pairs = group_pairs.of_outcomes(read_table(path))
    return [one for one in pairs if f"tar@{one.at}" not in refused]


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        study=snakemake.wildcards.study,
        jobs=snakemake.params.jobs,
        attributes=snakemake.params.attributes,
        statistics=snakemake.params.statistics,
        code=snakemake.params.code,
        output=snakemake.output[0],
    )
