"""Numbers, comparisons, models and records of a study, filtered before they become data frames."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.data import files, places
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.store.tables import METRIC_COLUMNS

#: The columns that distinguish numbers of clean pictures from those of attacks.
CLEAN = {"threat": "none", "attack": "clean", "reencode": "none"}


def where(table: pa.Table, **equal: Any) -> np.ndarray:
    """Return a mask of the rows that hold these values; a list means any of its values."""
    chosen = np.ones(len(table), bool)
    for name, wanted in equal.items():
        values = wanted if isinstance(wanted, (list, tuple, set)) else [wanted]
        column = table.column(name)
        column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
        if pa.types.is_dictionary(column.type):
            codes = pc.index_in(pa.array(values, column.type.value_type), column.dictionary)
            known = [code for code in codes.to_pylist() if code is not None]
            indices = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            chosen &= indices == known[0] if len(known) == 1 else np.isin(indices, known)
        else:
            found = pc.is_in(column, pa.array(values, column.type))
            chosen &= found.to_numpy(zero_copy_only=False)
    return chosen


def frame(table: pa.Table, chosen: np.ndarray) -> pd.DataFrame:
    """Return the chosen rows as a data frame with plain texts."""
    part = table.take(np.flatnonzero(chosen))
    texts = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in part.schema
    ]
    return part.cast(pa.schema(texts)).to_pandas()


def metrics(**equal: Any) -> pd.DataFrame:
    """Return the numbers with these values in the columns named."""
    table = files.table(places.result(places.METRICS), METRIC_COLUMNS)
    return frame(table, where(table, **equal))


def distinct(column: str, **equal: Any) -> list[str]:
    """Return the distinct values of a text column, in order, among the numbers chosen."""
    table = files.table(places.result(places.METRICS), METRIC_COLUMNS)
    values = table.column(column)
    if not len(table):
        return []
    values = values.chunk(0)
    if equal:
        values = values.filter(pa.array(where(table, **equal)))
    return [value for value in pc.unique(values).to_pylist() if value is not None]


#: What pages need of comparisons.parquet.
COMPARED = ["model_a", "model_b", "difference", "ci_low", "ci_high", "p_corrected"]


def comparisons(**equal: Any) -> pd.DataFrame:
    """Return the comparisons of two models with these values in the columns named."""
    table = files.table(places.result("comparisons.parquet"))
    if not len(table):
        raise Missing("No two models were compared in this study.", "")
    files.need("comparisons.parquet", table.column_names, [*COMPARED, *equal])
    return frame(table, where(table, **equal))


#: What pages need of models.parquet.
MODEL_COLUMNS = [
    "model", "kind", "control", "text", "family", "parameters_m", "total_parameters_m", "gflops",
    "data", "licence", "faces_blurred", "commercial", "revision", "weights_sha256",
]  # fmt: skip


@cached_until_changed(most=8)
def models() -> pd.DataFrame:
    """Return one row a model: kind, size, training data, what its licence allows, weights."""
    files.table(places.result("models.parquet"), ["model", "kind", "control", "parameters_m"])
    table = files.table(places.result("models.parquet"))
    found = frame(table, np.ones(len(table), bool))
    return found.drop_duplicates("model").reindex(columns=MODEL_COLUMNS)


def record(number: str) -> dict[str, Any]:
    """Return how a number was made: the record with this id. Raises `Missing` if there is none."""
    place = places.result("records.parquet")
    table = files.table(place, ["record", "json"])
    found = frame(table, where(table, record=number))
    if found.empty:
        raise Missing("records.parquet lacks the record of this number: another run wrote it.")
    with files.readable(place):
        return dict(json.loads(found.json.iloc[0]))


def confidence(rows: pd.DataFrame) -> str:
    """Return the confidence level of some intervals, as text; empty where no record says it."""
    levels = set()
    for row in rows.drop_duplicates("record").itertuples():
        try:
            statistics = files.inside(record(row.record), row.protocol, "statistics")
            levels.add(float(statistics["confidence"]))
        except (Missing, KeyError, TypeError, ValueError):
            continue
    return " or ".join(f"{100 * level:g} %" for level in sorted(levels))


def intervals_of(rows: pd.DataFrame) -> str:
    """Return what the intervals of some numbers are, for a caption."""
    level = confidence(rows)
    return f"{level} intervals by resampling people".strip()


def refused(**equal: Any) -> list[str]:
    """Return why each of the chosen numbers that has no value could not be measured."""
    sentences = []
    empty = metrics(**equal)
    for row in empty[empty.value.isna()].drop_duplicates(["protocol", "record"]).itertuples():
        try:
            reasons = files.inside(record(row.record), row.protocol, "refused")
        except Missing:
            continue
        sentences += [f"{key}: {reason}" for key, reason in reasons.items()]
    return list(dict.fromkeys(sentences))
