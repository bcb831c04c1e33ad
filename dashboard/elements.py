"""How pages show a chart, a table, a picture or what is missing: alike everywhere."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from altair.utils import schemapi

from dashboard import words
from dashboard.data import numbers, pictures, provenance
from dashboard.data.files import Missing
from dashboard.data.ranking import View


@contextmanager
def section(title: str = "", explained: str = "") -> Iterator[None]:
    """A part of a page: what it lacks is said in its place, and the page goes on."""
    if title:
        st.subheader(title, anchor=words.file_name(title))
    if explained:
        st.caption(explained)
    try:
        yield
    except Missing as missing:
        sentence = words.plain(missing.sentence, 400)
        if missing.command:
            sentence += " To make it, run:"
        st.info(sentence, icon=":material/info:")
        if missing.command:
            st.code(missing.command, language="bash")


def chart(picture: alt.TopLevelMixin, table: pd.DataFrame, name: str, described: str) -> None:
    """Show a chart with its description, and let it be taken along as PNG, SVG and CSV."""
    # Charts are checked where they are made; checking them again takes 10 of a page's 150 ms.
    with schemapi.debug_mode(False):
        st.altair_chart(picture, width="stretch", alt=described, key=f"chart-{name}")
    with st.popover("Download", icon=":material/download:"):
        for format, mime in (("png", "image/png"), ("svg", "image/svg+xml")):
            st.download_button(
                f"Picture, {format.upper()}",
                lambda format=format: image(picture, format),
                f"{name}.{format}",
                mime,
                key=f"{name}-{format}",
                on_click="ignore",
            )
        csv_button(table, name)


def csv_button(table: pd.DataFrame, name: str) -> None:
    """Offer a table as CSV."""
    st.download_button(
        "Numbers, CSV",
        lambda: csv(table),
        f"{name}.csv",
        "text/csv",
        key=f"{name}-csv",
        on_click="ignore",
    )


def csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV in which no cell is a formula to a spreadsheet."""
    safe = table.copy()
    for column in safe.select_dtypes(exclude="number"):
        text = safe[column].astype("str")
        safe[column] = text.where(~text.str.match(r"[=+\-@\t\r]"), "'" + text)
    return safe.to_csv(index=False).encode()


def image(picture: alt.TopLevelMixin, format: str) -> bytes:
    """Return a chart as a PNG or SVG file, with the colours of paper."""
    import vl_convert as convert

    spec = picture.properties(background="white").to_dict()
    if format == "svg":
        return convert.vegalite_to_svg(spec).encode()
    return convert.vegalite_to_png(spec, scale=2)


def table(
    frame: pd.DataFrame,
    name: str,
    described: str,
    columns: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Show a table under readable headings; its toolbar searches it and gives it as CSV."""
    given = dict(columns or {})
    frame = frame.dropna(axis="columns", how="all")
    headings = {
        column: given.get(column) or st.column_config.Column(words.label(column))
        for column in frame.columns
    }
    return st.dataframe(
        frame,
        hide_index=True,
        column_config=headings,
        key=f"table-{name}",
        alt=described,
        **options,
    )


#: What a number is shown with: of how many it is.
COUNTS = ["n_identities", "n_images", "n_failed"]


def linked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return numbers with `link`, the way to how each was made.

    For those whose columns are put into words afterwards: a link is of the raw ones.
    """
    return rows if "link" in rows else rows.assign(link=provenance.addresses(rows))


def numbers_table(
    rows: pd.DataFrame,
    first: Sequence[str],
    name: str,
    rest: Sequence[str] = COUNTS,
    columns: Mapping[str, Any] | None = None,
) -> None:
    """Show numbers between other columns, each with its interval and the way to how it was made."""
    rates = ~rows.metric.isin(words.PLAIN_NUMBERS)
    intervals = [
        words.interval(low, high, rate)
        for low, high, rate in zip(rows.ci_low, rows.ci_high, rates, strict=True)
    ]
    rows = linked(rows).assign(interval=intervals, value=rows.value.where(~rates, 100 * rows.value))
    shown = rows[[*first, "value", "interval", "link", *rest]].rename(columns={"link": "record"})
    given = {"record": made_by(), **(columns or {})}
    given["value"] = share_column("value") if rates.all() else number_column("value")
    if "fraction" in shown:
        shown["fraction"] *= 100
        given["fraction"] = share_column("fraction")
    table(shown, name, "Numbers with their intervals.", given)


def folded(rows: pd.DataFrame, first: Sequence[str], name: str) -> None:
    """Show the numbers of the picture above, folded away: each leads to how it was made."""
    with st.expander("Table, and how each number was made"):
        numbers_table(rows, first, name)


def made_from(table: str, **names: str) -> None:
    """Say in a line what file a table or picture is read from, and what makes it again."""
    file, command = (_code(text) for text in provenance.made_from(table, **names))
    st.caption(f"Read from {file}; made again by {command}")


def _code(text: str) -> str:
    return f"`{words.tidy(text, 300).replace('`', '?')}`"


def made_by() -> Any:
    """Return the column that leads from a number to its record."""
    return st.column_config.LinkColumn(
        "Made by", display_text="how", help="What this number depends on, and how to make it again."
    )


def share_column(column: str) -> Any:
    """Return a column of shares, shown in per cent."""
    return st.column_config.NumberColumn(words.label(column), format="%.1f %%")


def number_column(column: str) -> Any:
    """Return a column of numbers that are no shares."""
    return st.column_config.NumberColumn(words.label(column), format="%.4g")


#: Pictures are read for so many people of a table.
WITH_PICTURES = 50


def people(found: pd.DataFrame, faces: tuple[str, ...], name: str, share: str = "Found") -> None:
    """Show people with a picture each and how often they were found; faces as configured."""
    first = found.head(WITH_PICTURES)
    try:
        seen = pictures.gallery(first.image_id, *faces)
    except Missing:
        seen = {}
    small = [pictures.thumbnail(seen[i]) if i in seen else None for i in first.image_id]
    shown = pd.DataFrame(
        {
            "picture": small,
            "name": first["name"].map(words.tidy),
            "searches": first.searches,
            "share": 100 * first.share,
            "mistaken": first.mistaken.map(words.tidy),
        }
    )
    columns = {
        "picture": st.column_config.ImageColumn("Picture"),
        "name": st.column_config.TextColumn("Person"),
        "share": st.column_config.ProgressColumn(
            share, format="%.0f %%", min_value=0, max_value=100
        ),
        "mistaken": st.column_config.TextColumn("Most often taken for"),
    }
    table(shown, name, "People, with how often each was found.", columns, row_height=56, height=500)
    if len(found) > WITH_PICTURES:
        st.caption(f"The first {WITH_PICTURES} of {len(found):,} people.")


def refusals(view: View, protocol: str) -> None:
    """Say which numbers of a protocol the data can't resolve, and why."""
    same = {"dataset": view.dataset, "crop": view.crop, "model": view.models}
    told = numbers.refused(protocol=protocol, **same, **numbers.CLEAN)
    if told:
        with st.expander(f"Not measured, because the data can't resolve it ({len(told)})"):
            for sentence in told:
                st.markdown(f"- {words.plain(sentence, 300)}")
