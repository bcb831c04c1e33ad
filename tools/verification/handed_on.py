"""Whether files for use elsewhere hold the numbers that they were made from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from facebench.errors import UserError
from facebench.report.task_results import task_result
from facebench.report.thresholds import thresholds_of
from facebench.store import layout
from facebench.store.damage import read_json
from facebench.store.tables import read_record, read_table
from tools.verification.study import Mismatch, Study

#: What a table raises that can't be read: `changed_tables` names it.
UNREADABLE = (OSError, LookupError, ValueError, UserError, pa.ArrowException)


def thresholds(study: Study) -> Iterator[Mismatch]:
    """Yield thresholds of thresholds.json that `verify` has not found."""
    path = Path(layout.result(study.name, "thresholds.json"))
    if not path.exists():
        return
    known: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one in _read(path).get("thresholds", [{}]):
        where = tuple(str(one.get(key)) for key in ("dataset", "crop", "model"))
        if where not in known:
            known[where] = _found(study.name, *where)
        if one not in known[where]:
            yield _mismatch(path, "what verify has found", study)
            return


def _found(study: str, dataset: str, crop: str, model: str) -> list[dict[str, Any]]:
    """Return the thresholds that the tables of `verify` give; none where they can't be read."""
    where = (study, dataset, crop, model, "verify")
    metrics = layout.metrics(*where)
    try:
        people = read_table(layout.outcomes(*where), ["n_images"])
        return thresholds_of(read_table(metrics), people, read_record(metrics))
    except UNREADABLE:
        return []


def task_results(study: Study) -> Iterator[Mismatch]:
    """Yield files in MTEB's form that hold other numbers than metrics.parquet."""
    try:
        whole = read_table(layout.result(study.name, "metrics.parquet"))
    except UNREADABLE:
        return
    for path in sorted(Path().glob(layout.task_result(study.name, "*"))):
        try:
            same = _read(path) == task_result(whole, study.records, path.stem)
        except UNREADABLE:
            continue  # a number without its record, which `gathered` names
        if not same:
            yield _mismatch(path, "the numbers of metrics.parquet", study)


def _read(path: Path) -> dict[str, Any]:
    """Return what a file holds; nothing of one that can't be read."""
    try:
        return read_json(path)
    except UserError:
        return {}


def _mismatch(path: Path, expected: str, study: Study) -> Mismatch:
    return Mismatch(str(path), expected, "others", f"Delete it: {study.again}.")
