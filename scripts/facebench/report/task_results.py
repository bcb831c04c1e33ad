"""A model's numbers in the shape of MTEB's results, for tools that read those.

MTEB (Muennighoff and others, 2023) keeps a file a task and model, a `TaskResult`: splits, each with
a list of scores, one a subset of the task. Its version is null: MTEB measured nothing here.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import pandas as pd

from facebench.report.headlines import RANK_1
from facebench.store.layout import CLEAN
from facebench.store.records import Record, record_id

TASK = "FacebenchIdentification"
SPLIT = "test"
#: "No linguistic content", as MTEB says of tasks without words.
LANGUAGES = ["zxx-Zxxx"]
#: The number that MTEB's tables show of a subset.
MAIN = (RANK_1.protocol, RANK_1.metric, RANK_1.at or "")

Row = Mapping[Any, Any]


def task_result(metrics: pd.DataFrame, records: Mapping[str, Record], model: str) -> dict[str, Any]:
    """Return the numbers of one model on clean pictures: a subset a data set and crop.

    metrics: rows of metrics.parquet; records: by their id. A subset whose rank-1 was refused is
    left out, since MTEB's form has no place for a score that isn't there.
    """
    clean = (metrics.attack == CLEAN) & (metrics.threat == "none") & (metrics.reencode == "none")
    subsets: dict[tuple[str, str], dict[tuple[str, str, str], Row]] = {}
    for row in metrics[clean & (metrics.model == model)].to_dict("records"):
        if isfinite(row["value"]):
            named = subsets.setdefault((row["dataset"], row["crop"]), {})
            named[row["protocol"], row["metric"], row["at"]] = row
    subsets = {where: rows for where, rows in subsets.items() if MAIN in rows}
    revisions = {
        dataset: revision(records[rows[MAIN]["record"]]) for (dataset, _), rows in subsets.items()
    }
    return {
        "dataset_revision": record_id(revisions),
        "task_name": TASK,
        "mteb_version": None,
        "scores": {
            SPLIT: [{**main_score(rows[MAIN]), **numbers(rows)} for rows in subsets.values()]
        },
        "evaluation_time": None,
        "kg_co2_emissions": None,
    }


def main_score(row: Row) -> dict[str, Any]:
    """Return what MTEB asks of a subset, with the interval and the record of its main score."""
    interval = {
        f"main_score_{end}": row[end] for end in ("ci_low", "ci_high") if isfinite(row[end])
    }
    return {
        "main_score": row["value"],
        "hf_subset": f"{row['dataset']}/{row['crop']}",
        "languages": LANGUAGES,
        **interval,
        **{count: int(row[count]) for count in ("n_identities", "n_images", "n_failed")},
        "record": row["record"],
    }


def numbers(rows: Mapping[tuple[str, str, str], Row]) -> dict[str, float]:
    """Return every number by its name.

    >>> numbers({("identify", "rank", "1"): {"value": 0.5}, ("verify", "auc", ""): {"value": 0.9}})
    {'identify_rank_at_1': 0.5, 'verify_auc': 0.9}
    """
    return {
        f"{protocol}_{metric}" + (f"_at_{at}" if at else ""): row["value"]
        for (protocol, metric, at), row in rows.items()
    }


def revision(record: Record) -> str:
    """Return what tells this list of pictures from any other: its sha256."""
    return str(record["data"].get("pictures") or record_id(record["data"]))
