"""Published figures, and what was measured here beside them."""

import tomllib
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from facebench.evaluation.results import text
from facebench.texts import plain

#: The table of published figures; its head explains the keys.
PUBLISHED = Path(__file__).with_suffix(".toml")
#: What most vectors of this program are: of a CLIP its projection, of a face model its output.
OURS = ("projection", "face embedding")
#: Where nothing was measured that a figure could stand beside.
NOT_MEASURED = "not measured here"
COLUMNS = [
    "paper", "table", "dataset", "protocol", "metric", "at", "named", "model", "feature", "cut",
    "beside", "same_crop", "same_feature", "remark", "published",
]  # fmt: skip


def read() -> pd.DataFrame:
    """Return one row a published figure, with COLUMNS; `published` is a share, 0 to 1.

    model: "" where no model here is the same. beside: the crops that a row is shown beside.
    """
    tables = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))["tables"]
    return pd.DataFrame([row for table in tables for row in _rows(table)], columns=COLUMNS)


def _rows(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    same = {key: table[key] for key in ("paper", "table", "dataset", "protocol")}
    for row in table["rows"]:
        about = {key: row.get(key, "") for key in ("named", "model", "feature", "remark")}
        about["same_feature"] = row.get("same_feature", row["feature"] in OURS)
        for name, crop in table["crops"].items():
            cell = {"cut": crop["said"], "same_crop": crop["same"], "metric": crop["metric"]}
            for at, value in zip(table["at"], row.get(name, []), strict=name in row):
                point = {"at": text(at), "published": value / 100, "beside": crop["beside"]}
                yield {**same, **about, **cell, **point}


def beside(metrics: pd.DataFrame, dataset: str, crop: str) -> pd.DataFrame:
    """Return the figures that numbers of a data set and crop stand beside, with what was measured.

    metrics: numbers on clean pictures. COLUMNS with those of the number here, empty where there is
    none; `difference`, ours less the published; `differs`, in words.
    """
    figures = read()
    shown = figures.beside.map(lambda crops: crop in crops)
    figures = figures[(figures.dataset == dataset) & shown]
    here = metrics[(metrics.dataset == dataset) & (metrics.crop == crop)]
    keys = ["dataset", "protocol", "metric", "at", "model"]
    made = here.dropna(subset=["value"])
    found = figures.merge(made.drop_duplicates(keys), on=keys, how="left")
    differs = [differs_in(row) for row in found.to_dict("records")]
    return found.assign(difference=found.value - found.published, differs=differs)


def differs_in(row: Mapping[Hashable, Any]) -> str:
    """Return what tells a published figure from the number beside it; without one, that it lacks.

    >>> differs_in({"value": 0.5, "same_crop": False, "same_feature": False, "remark": ""})
    'crop differs, feature differs'
    >>> differs_in({"value": float("nan"), "same_crop": True, "same_feature": True, "remark": ""})
    'not measured here'
    """
    if row["value"] != row["value"]:
        return NOT_MEASURED
    said = [] if row["same_crop"] else ["crop differs"]
    said += [] if row["same_feature"] else ["feature differs"]
    return ", ".join([*said, *([row["remark"]] if row["remark"] else [])])


HEAD = ["model", "FMR", "published", "ours", "difference", "feature", "crop", "differs", "source"]


def lines(found: pd.DataFrame) -> list[list[str]]:
    """Return the lines, under HEAD, of what was measured beside a figure."""
    return [
        [
            plain(row["model"]),
            row["at"],
            f"{100 * row['published']:.1f} %",
            ours(row),
            f"{100 * row['difference']:+.1f}",
            row["feature"],
            row["cut"],
            row["differs"] or "-",
            f"{row['paper']}, {row['table']}",
        ]
        for row in found.dropna(subset=["value"]).to_dict("records")
    ]


def ours(row: Mapping[Hashable, Any]) -> str:
    """Return a number in per cent with its interval, if it has one.

    >>> ours({"value": 0.5, "ci_low": 0.456, "ci_high": 0.55})
    '50.0 % [45.6, 55.0]'
    """
    low, high = 100 * row["ci_low"], 100 * row["ci_high"]
    return f"{100 * row['value']:.1f} %" + (f" [{low:.1f}, {high:.1f}]" if low == low else "")


def sections(metrics: pd.DataFrame) -> Iterator[tuple[str, list[str], list[list[str]], str]]:
    """Yield (title, head, lines, sentence) for every data set and crop that has figures beside it.

    The sentence names the published models that weren't measured here. A protocol that wasn't run
    has no section.
    """
    clean = metrics[metrics["attack"] == "clean"]
    figures = read()
    for (dataset, crop), part in clean.groupby(["dataset", "crop"], sort=False):
        asked = figures[figures.dataset == dataset].protocol.unique()
        if not part.protocol.isin(asked).any():
            continue
        found = beside(part, str(dataset), str(crop))
        if found.empty:
            continue
        measured = found.dropna(subset=["value"])
        lacking = [name for name in found.named.unique() if name not in set(measured.named)]
        said = f"Published and {NOT_MEASURED}: {', '.join(lacking)}.\n" if lacking else ""
        title = f"## {plain(dataset)}, {plain(crop)} crop, beside published figures\n"
        yield title, HEAD, lines(found), said
