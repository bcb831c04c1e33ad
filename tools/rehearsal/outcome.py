"""What of a study ran: every family, data set, crop, protocol, attack, claim and threshold."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from facebench.store import layout
from facebench.store.tables import read_table
from facebench.study import plan

#: The claims that a study is made to answer.
CLAIMS = {
    "paper": ("zero-shot", "size", "search-engine", "context", "crop-order"),
    "paper-cloaks": ("fawkes", "lowkey"),
}

#: What `claims` says of a claim on which no number bears.
NOT_MEASURED = "not measured in this study"

#: The protocols of experiments with attacks.
ATTACKED = ("poison", "typographic")


class Part(NamedTuple):
    """A part of a study: its kind, its name, and whether it ran."""

    kind: str
    name: str
    ran: bool


class Table(NamedTuple):
    """A table of numbers that a study makes, and its rows that have a value; none if it isn't."""

    dataset: str
    crop: str
    model: str
    protocol: str
    rows: pd.DataFrame


def parts(config: Mapping[str, Any], families: Mapping[str, str], root: Path) -> list[Part]:
    """Return all parts of a study, in the order in which they are told.

    families: the family of each model. root: the directory in which the study ran.
    """
    tables = [_table(root, path) for path in plan.metric_tables(config)]
    made = [table for table in tables if table.protocol in ATTACKED]
    found = [
        *_by("family", tables, lambda table: families[table.model]),
        *_by("data set", tables, lambda table: table.dataset),
        *_by("crop", tables, lambda table: table.crop),
        *_by("protocol", tables, lambda table: table.protocol),
        *_in_all("attack", made, "attack", config["evaluate"]["attacks"]),
        *_in_all("re-encoding", made, "reencode", config["evaluate"].get("reencodings", [])),
    ]
    return [*found, *_claims(config, root), *_thresholds(config, root), *_files(config, root)]


def _table(root: Path, path: str) -> Table:
    dataset, crop, model, _, file = PurePosixPath(path).parts[-5:]
    rows = read_table(root / path) if (root / path).exists() else pd.DataFrame({"value": []})
    return Table(dataset, crop, model, PurePosixPath(file).stem, rows[rows["value"].notna()])


def _by(kind: str, tables: Iterable[Table], key: Callable[[Table], str]) -> Iterator[Part]:
    """Yield a part for each value of a key: it ran if all its tables have a number."""
    ran: dict[str, bool] = {}
    for table in tables:
        ran[key(table)] = ran.get(key(table), True) and len(table.rows) > 0
    yield from (Part(kind, name, there) for name, there in ran.items())


def _in_all(kind: str, tables: list[Table], column: str, names: Iterable[str]) -> Iterator[Part]:
    """Yield a part for each name: it ran if all tables have a number of it in a column."""
    held = [set(table.rows.get(column, ())) for table in tables]
    yield from (Part(kind, name, all(name in one for one in held)) for name in names)


def _claims(config: Mapping[str, Any], root: Path) -> Iterator[Part]:
    path = root / layout.result(config["study"], "claims.parquet")
    table = read_table(path) if path.exists() else pd.DataFrame({"claim": [], "verdict": []})
    answered = set(table[table["verdict"] != NOT_MEASURED]["claim"])
    asked = CLAIMS.get(config["study"], ())
    yield from (Part("claim", name, name in answered) for name in asked)


def _thresholds(config: Mapping[str, Any], root: Path) -> Iterator[Part]:
    """Yield a part for each model: it ran if there is a threshold for each data set and crop."""
    path = root / layout.result(config["study"], "thresholds.json")
    told = json.loads(path.read_text(encoding="utf-8"))["thresholds"] if path.exists() else []
    places = {(one["dataset"], one["crop"], one["model"]) for one in told if one["refused"] is None}
    wanted = plan.verified(config)
    for model in dict.fromkeys(place[2] for place in wanted):
        there = all(place in places for place in wanted if place[2] == model)
        yield Part("threshold", model, there)


def _files(config: Mapping[str, Any], root: Path) -> Iterator[Part]:
    """Yield a part for each file that the study, its report included, ends with."""
    page = layout.result(config["study"], "report.html")
    for path in [*plan.results(config), *plan.report_pages(config), page]:
        yield Part("file", path, (root / path).is_file())


def lines(study: str, found: Iterable[Part]) -> list[str]:
    """Return the table of a study: a line a kind, with what is missing.

    >>> lines("paper", [Part("crop", "full", True), Part("crop", "tight", False)])
    ['paper        crop          1 of   2   missing: tight']
    """
    kinds: dict[str, list[Part]] = {}
    for part in found:
        kinds.setdefault(part.kind, []).append(part)
    told = []
    for kind, group in kinds.items():
        missing = ", ".join(part.name for part in group if not part.ran)
        ran = sum(part.ran for part in group)
        said = f"missing: {missing}" if missing else _named(group)
        told.append(f"{study:<12} {kind:<12} {ran:>2} of {len(group):>3}   {said}".rstrip())
    return told


def _named(group: list[Part]) -> str:
    """Return the names of a few parts; of many their number is enough."""
    return "" if len(group) > 9 else "; ".join(part.name for part in group)
