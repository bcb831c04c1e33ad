"""Charts with their description and downloads."""

import altair as alt
import pandas as pd
import streamlit as st
from altair.utils import schemapi

from facebench.store.tables import csv_text

#: Scheme of the page -> colour of its text.
INK = {"light": "#1B2129", "dark": "#EEF1F5"}
#: Columns that only charts need.
UNSAID = ["colour", "place"]


def chart(picture: alt.TopLevelMixin, table: pd.DataFrame, name: str, described: str) -> None:
    """Show a chart with its description, and offer it as PNG, SVG and CSV."""
    # Charts are checked where they are made; checking them again takes 10 of a page's 150 ms.
    with schemapi.debug_mode(False):
        # Streamlit fades axes; names at points have no colour of their own.
        ink = INK.get(st.context.theme.type or "light", INK["light"])
        colours = {"labelColor": ink, "titleColor": ink}
        shown = picture.configure_text(color=ink)
        shown = shown.configure_axis(**colours).configure_legend(**colours)
        st.altair_chart(shown, width="stretch", alt=described, key=f"chart-{name}")
    with st.popover("Download", icon=":material/download:"):
        for format, mime in (("png", "image/png"), ("svg", "image/svg+xml")):
            st.download_button(
                f"Picture, {format.upper()}",
                lambda format=format: image(picture, format, described),
                f"{name}.{format}",
                mime,
                key=f"{name}-{format}",
                on_click="ignore",
            )
        csv_button(table.drop(columns=UNSAID, errors="ignore"), name)


def csv_button(table: pd.DataFrame, name: str) -> None:
    """Offer a table as CSV."""
    st.download_button(
        "Numbers, CSV",
        lambda: csv_text(table).encode(errors="replace"),
        f"{name}.csv",
        "text/csv",
        key=f"{name}-csv",
        on_click="ignore",
    )


def image(picture: alt.TopLevelMixin, format: str, title: str = "") -> bytes:
    """Return a chart as a PNG or SVG file on a white background, under a title."""
    import vl_convert as convert

    over = {"title": alt.TitleParams(title, anchor="start", fontWeight="normal")} if title else {}
    spec = picture.properties(background="white", **over).to_dict()
    if format == "svg":
        return convert.vegalite_to_svg(spec).encode()
    return convert.vegalite_to_png(spec, scale=2)
