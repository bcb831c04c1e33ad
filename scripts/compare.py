"""Compare every two models on the same searches and pairs, draw by draw."""

import json
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import pandas as pd

from facebench.errors import UserError
from facebench.evaluation.differences import KEYS, method
from facebench.logs import LOG, log_to, report_result
from facebench.stats.significance import holm
from facebench.store import layout
from facebench.store.records import code_version
from facebench.store.tables import read_record, read_table, write_table
from facebench.texts import counted

COLUMNS = [
    "dataset", "crop", "variant", "protocol", "metric", "at", "model_a", "model_b",
    "difference", "ci_low", "ci_high", "p", "p_corrected", "margin", "p_alike",
    "n_identities",
]  # fmt: skip


def main(
    *,
    study: str,
    dataset: str,
    jobs: Sequence[tuple[str, str, str]],
    crops: Sequence[str],
    statistics: Mapping[str, Any],
    code: str,
) -> None:
    """Write the differences of all models in each of `crops`; jobs: (crop, protocol, model)."""
    record = {"compare": {"statistics": dict(statistics), "code": code_version(code)}}
    compared = 0
    for crop in crops:
        tables = []
        mine = [(protocol, model) for name, protocol, model in jobs if name == crop]
        for protocol in dict.fromkeys(protocol for protocol, _ in mine):
            models = {
                model: layout.outcomes(study, dataset, crop, model, protocol)
                for name, model in mine
                if name == protocol
            }
            where = {"dataset": dataset, "crop": crop, "variant": layout.CLEAN}
            for comparable in alike(models, protocol):
                table = compare(comparable, protocol, statistics["margin"])
                LOG.info("%s, %s: %s pairs of models", crop, protocol, len(table))
                tables.append(table.assign(protocol=protocol, **where))
        found = [table for table in tables if len(table)]
        compared += sum(map(len, found))
        everything = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
        output = layout.comparisons(study, dataset, crop)
        write_table(everything.reindex(columns=COLUMNS), output, record)
    report_result(f"{counted(compared, 'difference')} of two models")


def alike(models: Mapping[str, str], protocol: str) -> list[dict[str, str]]:
    """Return the models in groups that are compared by the same number.

    Names that were read in training are another question than invented ones, for example.
    """
    groups: dict[str, dict[str, str]] = {}
    for model, path in models.items():
        compared = json.dumps(read_record(path)[protocol]["compared"], sort_keys=True)
        groups.setdefault(compared, {})[model] = path
    return list(groups.values())


def compare(models: Mapping[str, str], protocol: str, margin: float) -> pd.DataFrame:
    """Return one row for each pair of models; none if nothing can be compared.

    models: by name, the path of the outcomes. margin: of differences that count as none.
    """
    tables = {model: read_table(path) for model, path in models.items()}
    parameters = read_record(next(iter(models.values())))[protocol]
    if all(table["correct"].isna().all() for table in tables.values()):
        return pd.DataFrame()
    for one, two in pairwise(models):
        if not keys_of(tables[one]).equals(keys_of(tables[two])):
            raise UserError(
                f"{models[one]} and {models[two]} are not of the same searches. Delete both and run"
                " again."
            )
    difference = method(protocol, tables, parameters)
    rows = []
    for one, two in combinations(models, 2):
        found = difference(one, two)
        tested = {"margin": margin, "p_alike": found.p_alike(margin)}
        rows.append({"model_a": one, "model_b": two, **found._asdict(), **tested})
    table = pd.DataFrame(rows).drop(columns=["error", "freedom"], errors="ignore")
    if rows:
        table["p_corrected"] = holm(table["p"].tolist())
    return table.assign(**parameters["compared"])


def keys_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that say which searches or pairs the outcomes are of."""
    return table[[name for name in KEYS if name in table]]


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        study=snakemake.wildcards.study,
        dataset=snakemake.params.dataset,
        jobs=snakemake.params.jobs,
        crops=snakemake.params.crops,
        statistics=snakemake.params.statistics,
        code=snakemake.params.code,
    )
