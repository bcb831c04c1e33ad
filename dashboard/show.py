"""How pages show a chart, a table, a picture or what is missing: alike everywhere."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
import words
from data import numbers, pictures
from data.files import Missing
from data.standing import View


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


def with_links(rows: pd.DataFrame) -> pd.DataFrame:
    """Return numbers with their interval as words, and as `record` the way to how each was made."""
    from urllib.parse import urlencode

    intervals = [
        words.interval(low, high, rate=metric not in words.PLAIN_NUMBERS)
        for low, high, metric in zip(rows.ci_low, rows.ci_high, rows.metric, strict=True)
    ]
    links = [
        "provenance?" + urlencode({name: getattr(row, name) for name in ADDRESS})
        for row in rows.rename(columns={"record": "number"}).itertuples()
    ]
    dropped = {"ci_low", "ci_high", "record", "dataset", "crop", *ADDRESS} & set(rows.columns)
    shown = rows.drop(columns=list(dropped))
    shown.insert(shown.columns.get_loc("value") + 1, "interval", intervals)
    rates = ~rows.metric.isin(words.PLAIN_NUMBERS)
    shown["value"] = shown.value.where(~rates, 100 * shown.value)
    shown.insert(shown.columns.get_loc("value") + 2, "record", links)
    return shown


#: What the address of a number's record holds.
ADDRESS = ["number", "protocol", "metric", "at"]


def made_by() -> Any:
    """Return the column that leads from a number to its record."""
    return st.column_config.LinkColumn(
        "Made by", display_text="how", help="What this number depends on, and how to make it again."
    )


def share_column(column: str) -> Any:
    """Return a column of shares, shown in per cent."""
    return st.column_config.NumberColumn(words.label(column), format="%.1f %%")


#: Pictures are read for so many people of a table.
WITH_PICTURES = 100


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
    same = {"dataset": view.dataset, "crop": view.crop, "model": view.models[:1]}
    told = numbers.refused(protocol=protocol, **same, **numbers.CLEAN)
    if told:
        with st.expander(f"Not measured, because the data can't resolve it ({len(told)})"):
            for sentence in told:
                st.markdown(f"- {words.plain(sentence, 300)}")


def fold(title: str) -> Any:
    """Return a part of a page that is folded away at first."""
    return st.expander(title)


def numbers_table(rows: pd.DataFrame, first: list[str], name: str) -> None:
    """Show numbers with their intervals, people and the way to how each was made."""
    wanted = [*first, "value", "ci_low", "ci_high", "n_identities", "n_images", "n_failed"]
    linked = with_links(rows[[*wanted, "record", "protocol", "metric", "at"]])
    if "fraction" in linked:
        linked["fraction"] *= 100
    columns = {"value": share_column("value"), "record": made_by()}
    if "fraction" in linked:
        columns["fraction"] = share_column("fraction")
    table(linked, name, "Numbers with their intervals.", columns)
