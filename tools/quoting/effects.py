"""Tables of what attacks do, beside the one that a study's summary has: head and lines."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from facebench.report import attack_tables
from facebench.report.attack_tables import change
from tools.quoting.figures import Results

Table = tuple[list[str], list[list[str]]]

#: Where an entry is nowhere: there are fewer pictures than entries asked for.
NOTHING = "-"


def found(results: Results, dataset: str, crop: str) -> Table:
    """Return how often people are still found, as a study's summary has it."""
    sections = attack_tables.sections(
        _of(results.transfer, dataset, crop), _of(results.table("metrics"), dataset, crop)
    )
    return next(((head, lines) for _, head, lines in sections), ([], []))


def changes(results: Results, dataset: str, crop: str) -> Table:
    """Return the change of every attack under every model that recognises people."""
    table = _of(results.transfer, dataset, crop)
    table = table[(table.averaged == "") & ~table.control]
    models = [*table.victim.unique()]
    lines = [
        [str(attack), *(_one(part[part.victim == model], _marked) for model in models)]
        for attack, part in table.groupby("attack", sort=False)
    ]
    return ["attack", *models], lines


def shares(results: Results, dataset: str, crop: str, attack: str) -> Table:
    """Return how often people are still found, by the share of the gallery that is attacked."""
    table = _effects(results, dataset, crop, attack)
    table = table[(table.threat == "gallery") & (table.reencode == "none")]
    return _by(table[table.classifier == "nearest"], "fraction", "share", _found, _percent)


def threats(results: Results, dataset: str, crop: str, attack: str) -> Table:
    """Return the effect of each threat at its largest share."""
    table = _effects(results, dataset, crop, attack)
    table = table[(table.reencode == "none") & (table.classifier == "nearest")]
    most = table.groupby("threat")["fraction"].transform("max")
    return _by(
        table[table.fraction == most],
        "threat",
        "threat",
        lambda row: f"{_found(row)} ({change(row)})",
    )


def again(results: Results, dataset: str, crop: str, attack: str) -> Table:
    """Return how often people are found, before and after the attack, by how pictures are saved."""
    table = _effects(results, dataset, crop, attack)
    table = table[(table.threat == "gallery") & (table.classifier == "nearest")]
    table = table[table.fraction == table.fraction.max()]
    return _by(table, "reencode", "saved again", _both)


def undone(results: Results, dataset: str, crop: str, attack: str) -> Table:
    """Return what the attack still takes, with its interval, by how pictures are saved."""
    table = _effects(results, dataset, crop, attack)
    table = table[(table.threat == "gallery") & (table.classifier == "nearest")]
    table = table[table.fraction == table.fraction.max()]
    return _by(table, "reencode", "saved again", lambda row: change(row) + _star(row))


def classifiers(results: Results, dataset: str, crop: str, attack: str) -> Table:
    """Return the same by the nearest picture and by trained classifiers."""
    table = _effects(results, dataset, crop, attack)
    table = table[(table.threat == "gallery") & (table.reencode == "none")]
    return _by(table[table.fraction == table.fraction.max()], "classifier", "found by", _both)


def votes(results: Results, dataset: str, crop: str, attack: str) -> Table:
    """Return how often either of two models finds people, without and with the attack."""
    table = _of(results.table("poison-votes"), dataset, crop)
    lines = []
    for row in table[table.attack == attack].itertuples():
        interval = f"{100 * row.gain:.1f} [{100 * row.ci_low:.1f}, {100 * row.ci_high:.1f}]"
        made = " =" if row.made_on else ""
        pair = f"{row.model_a} + {row.model_b}{made}"
        lines.append([pair, _percent(row.found_either_clean), _percent(row.found_either), interval])
    return ["models", "found by either, clean", "found by either, attacked", "lost"], lines


def written(results: Results, dataset: str, crop: str) -> Table:
    """Return what a text on a picture does to the names that come first."""
    table = _of(results.table("metrics"), dataset, crop)
    table = table[table.protocol == "typographic"]
    lines = []
    for (model, attack), part in table.groupby(["model", "attack"], sort=False):
        cells = [
            _one(part[part.metric == f"{what}_top1{when}"], _interval)
            for what in ("true", "written", "unwritten")
            for when in ("_clean", "")
        ]
        lines.append([str(attack), str(model), *cells])
    said = ("true name", "name on the label", "name that is not on it")
    return [
        "attack",
        "model",
        *(f"{one} first, {when}" for one in said for when in ("before", "after")),
    ], lines


def entries(results: Results, dataset: str, crop: str, kind: str) -> Table:
    """Return what entries slipped into an index do, by their number.

    In a cell, in per cent: the victim's searches that find them first, with the interval / that
    have a poisoned entry among the first ten / searches for everybody else that find these.
    """
    table = _of(results.table("metrics"), dataset, crop)
    table = table[(table.protocol == "index_poison") & (table.threat == f"index-{kind}")]
    table = table.assign(entries=table["at"].astype(str).str.partition("/")[0])
    models, lines = [*table.model.unique()], []
    for many in sorted(table[table.metric == "others_rank1"].entries.unique(), key=int):
        here = table[table.entries == many]
        cells = []
        for model in models:
            mine = here[(here.model == model) & (here.value.notna())]
            top = mine[(mine.metric == "poison_in_top") & mine["at"].str.endswith("/10")]
            found = [mine[mine.metric == "rank1"], top, mine[mine.metric == "others_rank1"]]
            shown = (_interval, lambda row: _percent(row.value), lambda row: _percent(row.value))
            each = [_one(rows, cell) for rows, cell in zip(found, shown, strict=True)]
            cells.append(" / ".join(cell.replace(" %", "") for cell in each))
        lines.append([many, *cells])
    return ["entries", *models], lines


def frames(results: Results, dataset: str, crops: str, models: str) -> Table:
    """Return what attacks do under models that each look at the crop they were made for.

    crops, models: one crop a model, with commas between them.
    """
    every = results.transfer
    every = every[(every.dataset == dataset) & (every.averaged == "")]
    pairs = list(zip(crops.split(","), models.split(","), strict=True))
    columns = [every[(every.crop == crop) & (every.victim == model)] for crop, model in pairs]
    clean = [_one(column, lambda row: _percent(row["found_clean"])) for column in columns]
    lines = [["none", "", *clean]]
    for attack in attack_tables.ordered(every):
        mine = [column[column.attack == attack] for column in columns]
        made = str(mine[0]["surrogates"].iloc[0])
        cells = [
            _one(rows, lambda row: f"{_percent(row['found'])} ({_marked(row)})") for rows in mine
        ]
        lines.append([attack, made or "no model", *cells])
    return ["attack", "made on", *(f"found by {model}, {crop}" for crop, model in pairs)], lines


def masks(results: Results, dataset: str, crop: str, attack: str) -> Table:
    """Return what a mask takes from searches with pictures that it was made from, and with others.

    Probes wear the mask, found by the nearest picture; a person's other pictures are clean.
    """
    table = _of(results.table("metrics"), dataset, crop)
    table = table[(table.protocol == "poison") & (table.attack == attack)]
    table = table[(table.threat == "probe") & (table.fraction == 1) & (table.reencode == "none")]
    models = [*table.model.unique()]
    lines = []
    for said, what in (("that the mask was made from", "made_from"), ("new ones", "new")):
        part = table[table.metric == f"protection_gain_{what}"]
        lines.append([said, *(_one(part[part.model == model], _lost) for model in models)])
    return ["photographs", *models], lines


def faces(results: Results, dataset: str, crop: str) -> Table:
    """Return what attacks on whole photographs did to the faces in them."""
    table = _of(results.table("metrics"), dataset, crop)
    table = table[table.protocol == "poison"]
    said = {"face_lost": _percent, "face_moved": "{:.4f}".format, "dssim": "{:.4f}".format}
    lines = []
    for attack in table[table.metric == "face_lost"].attack.unique():
        mine = table[table.attack == attack].drop_duplicates("metric").set_index("metric").value
        cells = [show(mine[what]) if what in mine else NOTHING for what, show in said.items()]
        lines.append([str(attack), *cells])
    return ["attack", "no face found any more", "landmarks moved", "changed"], lines


def _of(table: pd.DataFrame, dataset: str, crop: str) -> pd.DataFrame:
    return table[(table["dataset"] == dataset) & (table["crop"] == crop)]


def _effects(results: Results, dataset: str, crop: str, attack: str) -> pd.DataFrame:
    table = _of(results.table("poison-effects"), dataset, crop)
    return table[table.attack == attack]


def _by(
    table: pd.DataFrame,
    column: str,
    label: str,
    cell: Callable[[pd.Series], str],
    name: Callable[[Any], str] = str,
) -> Table:
    models: Sequence[str] = [*table.model.unique()]
    lines = [
        [name(value), *(_one(part[part.model == model], cell) for model in models)]
        for value, part in table.groupby(column, sort=False)
    ]
    return [label, *models], lines


def _one(rows: pd.DataFrame, cell: Callable[[pd.Series], str]) -> str:
    return cell(rows.iloc[0]) if len(rows) else NOTHING


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _star(row: pd.Series) -> str:
    return "*" if row["p_corrected"] < 0.05 else ""


def _found(row: pd.Series) -> str:
    return f"{_percent(row['found'])}{_star(row)}"


def _both(row: pd.Series) -> str:
    return f"{_percent(row['found_clean'])} -> {_found(row)}"


def _marked(row: pd.Series) -> str:
    return change(row) + _star(row) + ("=" if row["made_on"] else "")


def _lost(row: pd.Series) -> str:
    """Return a gain in protection as a change of what is found."""
    low, high = -100 * row["ci_high"] + 0, -100 * row["ci_low"] + 0
    return f"{-100 * row['value'] + 0:+.1f} [{low:.1f}, {high:.1f}]"


def _interval(row: pd.Series) -> str:
    low, high = 100 * row["ci_low"], 100 * row["ci_high"]
    return f"{_percent(row['value'])} [{low:.1f}, {high:.1f}]"


KINDS = {
    "found": found,
    "changes": changes,
    "shares": shares,
    "threats": threats,
    "again": again,
    "undone": undone,
    "classifiers": classifiers,
    "votes": votes,
    "written": written,
    "entries": entries,
    "faces": faces,
    "frames": frames,
    "masks": masks,
}
