"""Errors at a threshold by group of people."""

import pandas as pd

from dashboard.data import files, numbers, places
from dashboard.safe_text import plain

TABLE = "groups.parquet"
COLUMNS = [
    "dataset", "crop", "model", "metric", "at", "group", "value", "n_identities", "rate", "ci_low",
    "ci_high", "difference", "difference_low", "difference_high", "p", "p_corrected",
]  # fmt: skip
#: The errors, in words; {at} is the rate that fixes the threshold.
ERRORS = {
    "fnmr": "Pairs of one person that are rejected, at a false accept rate of {at}",
    "fmr": "Pairs of two people that are accepted, at a false accept rate of {at}",
    "fmr_same": "Pairs within a group that are accepted, at a false accept rate of {at}",
    "fmr_other": "Pairs of two groups that are accepted, at a false accept rate of {at}",
    "fnir": "Enrolled people who are missed, at a false alarm rate of {at}",
    "fpir": "Strangers for whom somebody is found, at a false alarm rate of {at}",
}


def errors(dataset: str, crop: str, models: list[str], attribute: str) -> pd.DataFrame:
    """Return one row a model, error and group of an attribute; none if not measured."""
    table = files.table(places.result(TABLE), COLUMNS)
    if not len(table):
        return pd.DataFrame(columns=COLUMNS)
    found = numbers.frame(
        table, numbers.where(table, dataset=dataset, crop=crop, model=models, group=attribute)
    )
    return found.rename(columns={"value": "group_value"}).rename(columns={"rate": "value"})


def said(error: str) -> str:
    """Return an error, "metric@at", in words.

    >>> said("fpir@0.1")
    'Strangers for whom somebody is found, at a false alarm rate of 0.1'
    """
    metric, _, at = error.partition("@")
    return ERRORS.get(metric, metric).format(at=at)


def apart(table: pd.DataFrame) -> str:
    """Return a sentence on the groups of an error that differ, beyond chance, from what they are
    compared with."""
    if (table.metric == "fmr_other").all():
        return "Compared with pairs within each group: see there."
    other = "pairs with other groups" if (table.metric == "fmr_same").all() else "everybody else"
    known = table[table.p_corrected < 0.05]
    if known.empty:
        return (
            f"No group differs from {other} beyond chance. That doesn't show that they are"
            " alike: the intervals say how far apart they may be."
        )
    words = [
        f"{plain(str(row.group_value))} under {plain(row.model)}"
        f" ({100 * row.difference:+.1f} points, {100 * row.difference_low:+.1f}"
        f" to {100 * row.difference_high:+.1f})"
        for row in known.sort_values("p").itertuples()
    ]
    more = f", and {len(words) - 5} more" if len(words) > 5 else ""
    return f"Different from {other} beyond chance: {', '.join(words[:5])}{more}."
