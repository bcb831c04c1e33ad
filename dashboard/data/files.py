"""Reading the files of a study, at places of `facebench.store.layout`, and again if one changes."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.data import at_work, commands, freshness, places
from dashboard.data import columns as column_kinds
from dashboard.data.freshness import Stamp, cached_until_changed
from dashboard.data.missing import Missing
from facebench.errors import Unreachable, UserError
from facebench.store.damage import Damaged
from facebench.store.tables import RECORD_KEY


def existing(place: str) -> Path:
    """Return the path of a file that is there; raise `Missing` where there is none."""
    path = places.absolute(place)
    if freshness.track(path) is None:
        runs = at_work.of_this_study()
        raise Missing(f"There is no {place} yet. {runs}".strip(), "" if runs else None)
    return path


def stamp(place: str) -> Stamp | None:
    """Return what changes when a file does; None where there is none."""
    return freshness.track(places.absolute(place))


def matching(place: str) -> list[Path]:
    """Return the paths of a place in which some names are `*`, sorted."""
    return [path for path, _ in freshness.track(*places.pattern(place))]


@contextmanager
def readable(place: str, reraise: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn what goes wrong in a block that reads a file into `Missing`, with the remedy.

    No reader documents what it raises for damaged files: pyarrow, NumPy, faiss and json differ.
    """
    try:
        yield
    except (Missing, *reraise):
        raise
    except Exception as error:
        if isinstance(error, UserError) and not isinstance(error, Damaged):
            raise told(error, place) from error
        kind = type(error.__cause__ if isinstance(error, Damaged) else error).__name__
        raise Missing(f"{Path(place).name} can't be read ({kind}).", _remake(place)) from error


def told(error: UserError, place: str) -> Missing:
    """Return what a page says where a place can't be used; with the remedy, if running is one."""
    return Missing(str(error), "" if isinstance(error, Unreachable) else _remake(place))


def _remake(place: str) -> str | None:
    """Return the command that makes a file again although it is there."""
    return commands.run("--force", place) if re.fullmatch(r"[\w./+-]+", place) else None


def need(name: str, known: Sequence[str], wanted: Sequence[str]) -> None:
    """Raise `Missing` where a table lacks one of the columns that are wanted."""
    lacking = sorted(set(wanted) - set(known))
    if lacking:
        raise Missing(
            f"{name} was written by another version of facebench: it lacks {', '.join(lacking)}."
        )


def table(place: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a table, or some of its columns, with texts as dictionaries.

    Raises `Missing` for a file that is not there, is damaged, lacks one of the columns because an
    older version wrote it, or holds something else in one of them.
    """
    return _table(place, None if columns is None else tuple(columns))


@cached_until_changed(most=200)
def _table(place: str, columns: tuple[str, ...] | None) -> pa.Table:
    path = existing(place)
    with readable(place):
        schema = pq.read_schema(path)
        need(path.name, schema.names, columns or ())
        texts = [
            field.name
            for field in schema
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        read = pq.read_table(path, columns=columns and list(columns), read_dictionary=texts)
        return column_kinds.checked(path, read.unify_dictionaries().combine_chunks())


@cached_until_changed(most=200)
def record(place: str) -> dict[str, Any]:
    """Return the record that a table carries; empty for one without."""
    path = existing(place)
    with readable(place):
        return _mapping((pq.read_schema(path).metadata or {}).get(RECORD_KEY, b"{}"))


def row_group(place: str, index: int, columns: Sequence[str]) -> pa.Table:
    """Return some columns of one row group of a table. Not cached: it holds pictures."""
    path = existing(place)
    with readable(place), pq.ParquetFile(path) as file:
        need(path.name, file.schema_arrow.names, columns)
        return file.read_row_group(index, columns=list(columns))


def group_starts(place: str) -> list[int]:
    """Return the first row of every row group of a table, and its number of rows."""
    path = existing(place)
    with readable(place):
        found = pq.read_metadata(path)
    starts = [0]
    for index in range(found.num_row_groups):
        starts.append(starts[-1] + found.row_group(index).num_rows)
    return starts


def parsed(place: str) -> dict[str, Any]:
    """Return a JSON file."""
    path = existing(place)
    with readable(place):
        return _mapping(path.read_text())


def inside(record: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return the mapping at these keys of a record; an empty one where there is none.

    >>> inside({"a": {"b": {"c": 1}}}, "a", "b"), inside({"a": [1]}, "a", "b")
    ({'c': 1}, {})
    """
    found: Any = record
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def _mapping(text: str | bytes) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return found
