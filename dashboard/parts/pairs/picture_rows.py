"""Rows of pictures beside each other, each with a link to the search that it began."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import elements, safe_text
from dashboard.data import people, pictures
from dashboard.data.missing import Missing
from dashboard.parts.person import search_address
from facebench.store import layout

#: Rows that are shown at a time.
MOST = 8


@dataclass(frozen=True)
class Where:
    """A data set, a crop and a model."""

    dataset: str
    crop: str
    model: str


@dataclass(frozen=True)
class Seen:
    """A picture of a row: what it is there, whom it shows, and what else is said of it."""

    role: str
    image_id: str
    identity: str
    said: str = ""


def picture_rows(where: Where, rows: Sequence[Sequence[Seen]], name: str) -> None:
    """Show rows of pictures with their names and links. name: of no other rows of the page."""
    called = people.names(where.dataset)
    images = gallery(where, (one.image_id for row in rows for one in row))
    for number, row in enumerate(rows):
        with st.container(border=True), elements.picture_grid(f"{name}-{number}", len(row)):
            for one in row:
                with st.container():
                    show(images.get(one.image_id), one, str(called.get(one.identity, one.identity)))
                    st.page_link(
                        "views/search.py",
                        label="Search with it",
                        icon=":material/search:",
                        query_params=search_address(
                            where.dataset, where.crop, where.model, one.identity, one.image_id
                        ),
                    )


def gallery(where: Where, image_ids: Iterable[str]) -> dict:
    """Return the pictures that there are, as the dashboard may show them; none without a table."""
    try:
        return dict(pictures.gallery(image_ids, layout.faces(where.dataset, where.crop)))
    except Missing:
        return {}


def show(image, one: Seen, name: str, width: int | str = 150) -> None:
    """Show a picture under what it is."""
    said = " · ".join([safe_text.plain(name, 40), *([one.said] if one.said else [])])
    st.markdown(f"**{one.role}**")
    if image is None:
        st.caption(f"{said} (no picture)")
    else:
        st.image(image, caption=said, width=width, alt=safe_text.tidy(name, 40))


def some(table: pd.DataFrame, key: str, most: int = MOST) -> pd.DataFrame:
    """Let a page of a long table be chosen; return its rows."""
    pages = -(-len(table) // most)
    if pages < 2:
        return table
    page = st.number_input(
        f"Page (of {pages})", 1, pages, 1, key=key, bind="query-params", width=160
    )
    return table.iloc[(page - 1) * most : page * most]
