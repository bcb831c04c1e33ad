"""Tables of what trainings taught, by how often people were seen or poisoned."""

import pandas as pd

from tools.quoting.effects import NOTHING, Table
from tools.quoting.figures import Results

PLAIN, CHANGE = ["value", "ci_low", "ci_high"], ["difference", "difference_low", "difference_high"]


def taught(results: Results, dataset: str, crop: str, metric: str, role: str) -> Table:
    """Return a metric by the number of times, recipes as columns.

    `taught DATASET CROP naming subject`, for example; the line `all` is of everybody of the role.
    """
    return _by_times(results, dataset, crop, metric, role, PLAIN, "{:.1f}")


def change(results: Results, dataset: str, crop: str, metric: str, role: str) -> Table:
    """Return by how many points each recipe differs from the first, by the number of times."""
    return _by_times(results, dataset, crop, metric, role, CHANGE, "{:+.1f}")


def _by_times(
    results: Results, dataset: str, crop: str, metric: str, role: str, columns: list[str], form: str
) -> Table:
    table = results.table("names-seen")
    same = {"dataset": dataset, "crop": crop, "metric": metric, "role": role, "part": ""}
    for key, wanted in same.items():
        table = table[table[key] == wanted]
    table = table.dropna(subset=columns[0])
    recipes, lines = list(dict.fromkeys(table["recipe"])), []
    for times in [*sorted(table["times"].dropna().unique()), None]:
        part = table[table["times"].isna() if times is None else table["times"] == times]
        row = part.set_index("recipe")
        name = "all" if times is None else f"{times:,}"
        lines.append([name, *(_share(row, recipe, columns, form) for recipe in recipes)])
    return ["times", *recipes], lines if recipes else []


def _share(row: pd.DataFrame, recipe: str, columns: list[str], form: str) -> str:
    if recipe not in row.index:
        return NOTHING
    value, low, high = (100 * float(row.loc[recipe, column]) for column in columns)
    inside = "" if pd.isna(low) else f" [{low:.1f}, {high:.1f}]"
    return f"{form.format(value)}{inside}"


KINDS = {"taught": taught, "taught-change": change}
