"""Compare every two models on the same searches and pairs, draw by draw."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.logs import LOG, log_to, report_result
from facebench.stats.intervals import (
    difference_interval,
    effective_people,
    pair_variance,
    resampled_ratio,
    totals,
)
from facebench.stats.significance import holm, normal_p, sign_flip_p
from facebench.store import layout
from facebench.store.records import code_version
from facebench.store.tables import read_record, read_table, write_table

COLUMNS = [
    "dataset", "crop", "variant", "protocol", "metric", "at", "model_a", "model_b",
    "difference", "ci_low", "ci_high", "p", "p_corrected", "n_identities",
]  # fmt: skip
#: Columns that identify a search, or a pair.
KEYS = ["image_id", "half", "image_id_a", "image_id_b"]


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
            table = compare(models, protocol, statistics)
            LOG.info("%s, %s: %s pairs of models", crop, protocol, len(table))
            where = {"dataset": dataset, "crop": crop, "variant": layout.CLEAN}
            tables.append(table.assign(protocol=protocol, **where))
        found = [table for table in tables if len(table)]
        compared += sum(map(len, found))
        everything = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
        output = layout.comparisons(study, dataset, crop)
        write_table(everything.reindex(columns=COLUMNS), output, record)
    report_result(f"{compared} differences of two models")


def compare(
    models: Mapping[str, str], protocol: str, statistics: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row for each pair of models; none if nothing can be compared."""
    tables = {model: successes(path) for model, path in models.items()}
    compared = [read_record(path)[protocol]["compared"] for path in models.values()][0]
    difference = pair_difference if protocol == "view2" else search_difference
    rows = []
    for a, b in combinations(tables, 2):
        one, other = tables[a], tables[b]
        if one.empty and other.empty:
            continue
        if not one.drop(columns="correct").equals(other.drop(columns="correct")):
            raise UserError(
                f"{models[a]} and {models[b]} are not of the same searches. Delete both and run "
                "again."
            )
        values = one["correct"].to_numpy(float) - other["correct"].to_numpy(float)
        rows.append({"model_a": a, "model_b": b, **difference(values, one, statistics)})
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if rows and name in rows[0]])
    if rows:
        table["p_corrected"] = holm(table["p"].tolist())
    return table.assign(**compared)


def successes(path: str) -> pd.DataFrame:
    """Return the outcomes by which models are compared: the search and whether it succeeded."""
    table = read_table(path)
    table = table[table["correct"].notna()].reset_index(drop=True)
    people = [name for name in map(str, table) if name.startswith("identity")]
    return table[[name for name in KEYS if name in table] + people + ["correct"]]


def search_difference(
    values: np.ndarray, table: pd.DataFrame, statistics: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the difference of two models in searches, resampling people; `values` in -1, 0, 1."""
    numbers, person = np.unique(table["identity"].to_numpy(str), return_inverse=True)
    better = totals(values, person, len(numbers))
    pictures = np.bincount(person)
    draws = resampled_ratio(
        better[:, None], pictures[:, None], statistics["draws"], statistics["seed"]
    )
    return summary(values, draws.var(), pictures, statistics) | {"p": sign_flip_p(better)}


def pair_difference(
    values: np.ndarray, table: pd.DataFrame, statistics: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the difference of two models in listed pairs, some of which share a person."""
    both = table[["identity_a", "identity_b"]].to_numpy(str)
    _, codes = np.unique(both, return_inverse=True)
    variance = pair_variance(values - values.mean(), *codes.reshape(-1, 2).T)
    found = summary(values, variance, np.bincount(codes.ravel()), statistics)
    return found | {"p": normal_p(found["difference"], variance)}


def summary(
    values: np.ndarray, variance: float, pictures: np.ndarray, statistics: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the difference, its interval, and of how many people it is."""
    difference = float(values.mean())
    low, high = difference_interval(
        difference, variance, effective_people(pictures), statistics["confidence"]
    )
    return {
        "difference": difference,
        "ci_low": low,
        "ci_high": high,
        "n_identities": len(pictures),
    }


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
