"""Tables of entries that are to come first for everybody: head and lines."""

import pandas as pd

from tools.quoting.effects import NOTHING, Table
from tools.quoting.figures import Results

#: Numbers that are no shares.
COUNTS = ("entries_for_half",)


def reached(
    results: Results, dataset: str, crop: str, protocol: str, metric: str, *at: str
) -> Table:
    """Return a number of every kind of entry, a column a model, with its interval if it has one.

    `at` is that of docs/poison.md: `50/1` for one of 50 entries first; it may have blanks. Of
    pictures, their attack is named, and `carrier` are the same pictures unchanged.
    """
    table = _of(results, dataset, crop, protocol, metric)
    models = [*table.model.unique()]
    table = table[table["at"] == " ".join(at)]
    lines = [
        [_name(str(attack), str(threat)), *(_cell(part[part.model == model]) for model in models)]
        for (attack, threat), part in table.groupby(["attack", "threat"], sort=False)
        if part["value"].notna().any()
    ]
    return ["entries", *models], lines


def defended(results: Results, dataset: str, crop: str, protocol: str, metric: str) -> Table:
    """Return a number of every defence, or of both, a column a model: what it costs the clean."""
    table = _of(results, dataset, crop, protocol, metric)
    models = [*table.model.unique()]
    lines = [
        [str(at) or "gate", *(_cell(part[part.model == model]) for model in models)]
        for at, part in table.groupby("at", sort=False)
        if part["value"].notna().any()
    ]
    return ["defence", *models], lines


def _of(results: Results, dataset: str, crop: str, protocol: str, metric: str) -> pd.DataFrame:
    table = results.table("metrics")
    same = (table.dataset == dataset) & (table.crop == crop) & (table.protocol == protocol)
    table = table[same & (table.metric == metric)]
    return table.assign(at=table["at"].astype(str))


def _name(attack: str, threat: str) -> str:
    kind = "nothing added" if threat == "none" else threat.removeprefix("hub-")
    return kind if attack in ("clean", "none") else f"{attack}: {kind}"


def _cell(rows: pd.DataFrame) -> str:
    """Return a share in per cent, with its interval where it has one."""
    rows = rows[rows["value"].notna()]
    if rows.empty:
        return NOTHING
    row = rows.iloc[0]
    if row["metric"] in COUNTS:
        return f"{row['value']:.0f}"
    value = f"{100 * row['value'] + 0:.1f}"
    if pd.isna(row["ci_low"]):
        return value
    return f"{value} [{100 * row['ci_low'] + 0:.1f}, {100 * row['ci_high'] + 0:.1f}]"


KINDS = {"reached": reached, "defended": defended}
