"""Tables under readable headings, and tables of numbers that link to their provenance."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import number_text, safe_text, vocabulary
from dashboard.data import provenance

#: What stands in an empty cell.
NOTHING = "–"
#: Columns that say how many people and pictures a number is of.
COUNTS = ["n_identities", "n_images", "n_failed"]


def table(
    frame: pd.DataFrame,
    name: str,
    described: str,
    columns: Mapping[str, Any] | None = None,
    lacking: str = "there is no such number, or it isn't known.",
    **options: Any,
) -> Any:
    """Show a table under readable headings; its toolbar searches it and gives it as CSV.

    lacking: what is said of empty cells, if there are any.
    """
    given = dict(columns or {})
    frame = as_text(as_shown(frame.dropna(axis="columns", how="all"), given))
    if lacking and frame.isna().to_numpy().any():
        st.caption(f"“{NOTHING}”: {lacking}")
    headings = {
        column: given.get(column) or st.column_config.Column(vocabulary.label(column))
        for column in frame.columns
    }
    return st.dataframe(
        frame,
        hide_index=True,
        column_config=headings,
        key=f"table-{name}",
        alt=described,
        placeholder=NOTHING,
        **options,
    )


def as_shown(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table whose numbers are rounded as texts round them, by the format of each column.

    columns: what Streamlit was told of them.
    """
    rounded = {}
    for name, told in columns.items():
        kind = (told or {}).get("type_config") or {}
        if name in frame and kind.get("format") and pd.api.types.is_float_dtype(frame[name]):
            values = frame[name]
            rounded[name] = [number_text.as_shown(one, kind["format"]) for one in values]
    return frame.assign(**rounded)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet reads as a formula: cells can be copied."""
    texts = {
        name: column.map({one: safe_text.in_table(one) for one in column.dropna().unique()})
        for name, column in frame.select_dtypes(include=["object", "str"]).items()
        if column.dropna().map(type).eq(str).all()
    }
    return frame.assign(**texts)


def linked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return numbers with `link`, the address of how each was made.

    Call it before columns are replaced by readable names: a link needs the raw ones.
    """
    return rows if "link" in rows else rows.assign(link=provenance.addresses(rows))


def numbers_table(
    rows: pd.DataFrame,
    first: Sequence[str],
    name: str,
    rest: Sequence[str] = COUNTS,
    columns: Mapping[str, Any] | None = None,
) -> None:
    """Show numbers with their intervals and provenance, after the columns `first`."""
    rates = ~rows.metric.isin(vocabulary.PLAIN_NUMBERS)
    intervals = [
        number_text.interval(low, high, rate)
        for low, high, rate in zip(rows.ci_low, rows.ci_high, rates, strict=True)
    ]
    rows = linked(rows).assign(interval=intervals, value=rows.value.where(~rates, 100 * rows.value))
    shown = rows[[*first, "value", "interval", "link", *rest]].rename(columns={"link": "record"})
    counts = format_columns({"localized": [name for name in rest if name in COUNTS]})
    given = {"record": made_by(), **counts, **(columns or {})}
    given["value"] = share_column("value") if rates.all() else number_column("value")
    if "fraction" in shown:
        shown["fraction"] *= 100
        given["fraction"] = share_column("fraction")
    table(shown, name, "Numbers with their intervals.", given)


def folded(rows: pd.DataFrame, first: Sequence[str], name: str) -> None:
    """Show the numbers of the chart above in a folded table with their provenance."""
    with st.expander("Table, and how each number was made"):
        numbers_table(rows, first, name)


def made_by() -> Any:
    """Return the column that links a number to its record."""
    return st.column_config.LinkColumn(
        "Made by", display_text="how", help="What this number depends on, and how to make it again."
    )


def share_column(column: str) -> Any:
    """Return a column of shares, shown in per cent."""
    return st.column_config.NumberColumn(vocabulary.label(column), format="%.1f %%")


def number_column(column: str) -> Any:
    """Return a column of numbers that are no shares."""
    return st.column_config.NumberColumn(vocabulary.label(column), format="plain")


def format_columns(formats: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return columns by name, from a format to the names of the columns that have it."""
    return {
        name: st.column_config.NumberColumn(vocabulary.label(name), format=format)
        for format, names in formats.items()
        for name in names
    }


def in_points(table: pd.DataFrame, *shares: str) -> pd.DataFrame:
    """Return a table with shares in per cent and the text of the interval of `gain`."""
    intervals = [
        number_text.interval(low, high)
        for low, high in zip(table.ci_low, table.ci_high, strict=True)
    ]
    return table.assign(**{name: 100 * table[name] for name in shares}, interval=intervals)
