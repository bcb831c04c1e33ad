"""Where results are, and reading their tables: again whenever a file changes."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import streamlit as st

from dashboard.data.freshness import Stamp, look

#: Where `facebench.store.tables` keeps a table's record.
RECORD_KEY = b"facebench"

RUN = "make run"


class Missing(Exception):
    """Results that are missing or not as they should be: a sentence, and what to run."""

    def __init__(self, sentence: str, command: str = RUN):
        super().__init__(sentence)
        self.sentence = sentence
        self.command = command


def results() -> Path:
    """Return the folder of results: `FACEBENCH_RESULTS`, or `results` in the working directory."""
    return Path(os.environ.get("FACEBENCH_RESULTS") or "results")


def place(*parts: str) -> Path:
    """Return the path of a result. Names come from tables: none may lead out of the folder."""
    path = results().joinpath(*parts)
    if not path.resolve().is_relative_to(results().resolve()):
        raise Missing(f"A name in the results leads out of their folder: {'/'.join(parts)}.")
    return path


def stamp(path: Path) -> Stamp:
    """Return what changes when a file does; raise `Missing` where there is none."""
    found = look(path)
    if found is None:
        shown = path.relative_to(results()).as_posix()
        raise Missing(f"There is no {results().name}/{shown} yet.")
    return found


@contextmanager
def readable(path: Path, besides: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """A block that reads a file: what goes wrong in it is `Missing`, with what mends it.

    What a damaged file may raise is known of no reader: pyarrow, NumPy, faiss and json differ.
    """
    try:
        yield
    except (Missing, *besides):
        raise
    except Exception as error:
        raise Missing(
            f"{path.name} can't be read ({type(error).__name__}).", _anew(path)
        ) from error


def _anew(path: Path) -> str:
    """Return the command that makes a file again though it is there."""
    shown = path.relative_to(results()).as_posix()
    plain = re.fullmatch(r"[\w./+-]+", shown)
    return f'{RUN} ARGS="--force results/{shown}"' if plain else RUN


def need(name: str, known: Sequence[str], wanted: Sequence[str]) -> None:
    """Raise `Missing` where a table's columns aren't all that are wanted."""
    lacking = sorted(set(wanted) - set(known))
    if lacking:
        raise Missing(
            f"{name} was written by another version of facebench: it lacks {', '.join(lacking)}."
        )


def table(*parts: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a table of results, or some of its columns, with texts as dictionaries.

    Raises `Missing` for a file that isn't there, is damaged, or lacks one of the columns: what an
    older version wrote.
    """
    path = place(*parts)
    return _table(path, stamp(path), None if columns is None else tuple(columns))


def record(*parts: str) -> dict[str, Any]:
    """Return the record that a table carries; empty for one without."""
    path = place(*parts)
    return _record(path, stamp(path))


def group(index: int, *parts: str, columns: Sequence[str]) -> pa.Table:
    """Return some columns of one row group of a table, read anew: pictures are not kept."""
    path = place(*parts)
    stamp(path)
    with readable(path), pq.ParquetFile(path) as file:
        need(path.name, file.schema_arrow.names, columns)
        return file.read_row_group(index, columns=list(columns))


def group_starts(*parts: str) -> list[int]:
    """Return the first row of every row group of a table, and its number of rows."""
    path = place(*parts)
    stamp(path)
    with readable(path):
        found = pq.read_metadata(path)
    starts = [0]
    for index in range(found.num_row_groups):
        starts.append(starts[-1] + found.row_group(index).num_rows)
    return starts


def parsed(*parts: str) -> dict[str, Any]:
    """Return a JSON file of results."""
    path = place(*parts)
    stamp(path)
    with readable(path):
        return _mapping(path.read_text())


def _mapping(text: str | bytes) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return found


# Kept as they are and not copied for every session, as a cache of data would.
@st.cache_resource(max_entries=200, show_spinner=False)
def _table(path: Path, version: Stamp, columns: tuple[str, ...] | None) -> pa.Table:
    with readable(path):
        schema = pq.read_schema(path)
        need(path.name, schema.names, columns or ())
        texts = [
            field.name
            for field in schema
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        read = pq.read_table(path, columns=columns and list(columns), read_dictionary=texts)
        return read.unify_dictionaries().combine_chunks()


@st.cache_resource(max_entries=200, show_spinner=False)
def _record(path: Path, version: Stamp) -> dict[str, Any]:
    with readable(path):
        return _mapping((pq.read_schema(path).metadata or {}).get(RECORD_KEY, b"{}"))
