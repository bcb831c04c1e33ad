"""Reading and writing the tables passed between steps: Parquet files that carry their record."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facebench.store.atomic import replacing
from facebench.store.damage import undamaged
from facebench.store.keys import CONTENT, KEY, content_of
from facebench.store.records import Record
from facebench.texts import cell

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


def write_stream(
    tables: Iterable[pa.Table],
    schema: pa.Schema,
    path: str | Path,
    record: Record,
    rows_a_group: int = 16384,
    key: str = "",
) -> int:
    """Write tables that follow each other as one, a row group of it in memory; return its rows.

    What fits into one row group is the file that `write_table` writes. The content of a larger one
    is a hash of its groups', so it isn't the one that `write_table` would give it.
    """
    groups = regrouped(tables, rows_a_group)
    first, second = next(groups, schema.empty_table()), next(groups, None)
    if second is None:
        write_table(first.cast(schema), path, record, rows_a_group, key)
        return first.num_rows
    facts = {RECORD_KEY: record_text(record).encode(), KEY: key.encode()}
    schema = schema.with_metadata({**(schema.metadata or {}), **facts})
    content, count = hashlib.sha256(), 0
    with replacing(path) as part, pq.ParquetWriter(part, schema) as writer:
        groups = chain((first, second), groups)
        del first, second  # else they would stay in memory until all is written
        for group in groups:
            # Copied: Arrow hashes what lies around a slice, too.
            table = group.cast(schema).take(np.arange(group.num_rows))
            writer.write_table(table, row_group_size=rows_a_group)
            content.update(content_of(table).encode())
            count += table.num_rows
        writer.add_key_value_metadata({CONTENT: content.hexdigest()[:24]})
    return count


def regrouped(tables: Iterable[pa.Table], size: int) -> Iterator[pa.Table]:
    """Yield the rows of tables `size` at a time; the last ones may be fewer.

    >>> numbers = pa.table({"a": range(7)})
    >>> pieces = numbers.slice(0, 3), numbers.slice(3, 0), numbers.slice(3)
    >>> [len(table) for table in regrouped(pieces, 2)]
    [2, 2, 2, 1]
    """
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        while sum(map(len, waiting)) >= size:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, size)
            waiting = [whole.slice(size)]
    if sum(map(len, waiting)):
        yield pa.concat_tables(waiting)


def iter_table(path: str | Path, columns: Sequence[str], rows: int = 4096) -> Iterator[pa.Table]:
    """Yield a table's columns, at most so many `rows` at a time. Raises `UserError` if damaged."""
    with undamaged(path), pq.ParquetFile(path) as file:
        for batch in file.iter_batches(rows, columns=list(columns)):
            yield pa.Table.from_batches([batch])


def record_text(record: Record) -> str:
    """Return a record as it is stored: JSON with sorted keys."""
    return json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV in which neither a cell nor a heading is a formula, each on one line.

    >>> csv_text(pd.DataFrame({"=a": ["-b", None], "c": [-1.5, 2]}))
    "'=a,c\\n'-b,-1.5\\n,2.0\\n"
    """
    columns = [
        column if pd.api.types.is_numeric_dtype(column) else column.map(cell, na_action="ignore")
        for _, column in table.items()
    ]
    safe = pd.concat(columns, axis="columns") if columns else table
    headings = [cell(name) for name in table.columns]
    return str(safe.set_axis(headings, axis="columns").to_csv(index=False, lineterminator="\n"))


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
