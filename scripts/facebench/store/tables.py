"""Reading and writing the tables passed between steps: Parquet files that carry their record."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facebench.store.atomic import replacing
from facebench.store.damage import undamaged
from facebench.store.keys import CONTENT, KEY, content_of
from facebench.store.records import Record

RECORD_KEY = b"facebench"

#: One row a number: the columns of metrics.parquet, in order.
METRIC_COLUMNS = [
    "dataset", "crop", "model", "protocol", "metric", "at", "threat", "attack", "fraction",
    "reencode", "value", "ci_low", "ci_high", "n_identities", "n_images", "n_failed", "record",
]  # fmt: skip


def write_table(
    table: pd.DataFrame | pa.Table,
    path: str | Path,
    record: Record,
    rows_a_group: int = 65536,
    key: str = "",
) -> None:
    """Write `table` with its `record` to `path`, atomically: a reader never sees half a file.

    key: what the table was made from, see `facebench.store.keys`.
    """
    if isinstance(table, pd.DataFrame):
        table = pa.Table.from_pandas(table, preserve_index=False)
    facts = {RECORD_KEY: record_text(record), CONTENT: content_of(table), KEY: key}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **facts})
    with replacing(path) as part:
        pq.write_table(table, part, row_group_size=rows_a_group)


def record_text(record: Record) -> str:
    """Return a record as it is stored: JSON with sorted keys."""
    return json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)


def read_table(path: str | Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table at `path`, or only the named columns. Raises `UserError` if damaged."""
    with undamaged(path):
        return pd.read_parquet(path, columns=list(columns) if columns is not None else None)


def read_record(path: str | Path) -> Record:
    """Return the record of the table at `path`; empty for a table without one."""
    metadata = read_schema(path).metadata or {}
    with undamaged(path):
        return json.loads(metadata.get(RECORD_KEY, b"{}"))


def read_schema(path: str | Path) -> pa.Schema:
    """Return the columns of the table at `path`. Raises `UserError` if it is damaged."""
    with undamaged(path):
        return pq.read_schema(path)


def count_rows(path: str | Path) -> int:
    """Return how many rows the table at `path` has. Raises `UserError` if it is damaged."""
    with undamaged(path):
        return pq.read_metadata(path).num_rows
