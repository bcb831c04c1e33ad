"""The nearest pictures to what is searched with, hit or miss, side by side for each model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import elements, safe_text
from dashboard.data import people, pictures, search
from facebench.store import layout
from facebench.store.layout import CLEAN

COLUMNS = 6


@dataclass(frozen=True)
class Query:
    """One search: its vector, where it searches, and which person it shows, if that is known."""

    dataset: str
    crop: str
    model: str
    vector: np.ndarray
    identity: str = ""
    image_id: str = ""
    #: (variant, identity): that person's pictures in the index are cloaked.
    cloaked: tuple[str, str] | None = None
    #: Whether what is found may be named.
    named: bool = True


def neighbours(queries: list[Query], k: int) -> None:
    """Show what each model finds, side by side."""
    if not queries:
        return
    columns = st.columns(len(queries))
    for number, (column, query) in enumerate(zip(columns, queries, strict=True)):
        with column, elements.section(safe_text.plain(query.model)):
            found = search.nearest(
                query.dataset, query.crop, query.model, query.vector, k,
                query.image_id, query.cloaked,
            )  # fmt: skip
            # Two models may have the same name in a file name: the number tells them apart.
            wide = COLUMNS if len(queries) == 1 else COLUMNS // 2
            grid(query, found, wide, f"search-{number + 1}")


def grid(query: Query, found: pd.DataFrame, columns: int, name: str) -> None:
    """Show pictures with their similarity, whom they show, and whether that is a hit."""
    called = people.names(query.dataset) if query.named else {}
    hits = (found.identity == query.identity) if query.identity else found.identity.isin([])
    if query.identity:
        first = "the first is the right person" if hits.iloc[:1].any() else "the first is not"
        st.markdown(f"**{int(hits.sum())}** of {len(found)} show the person searched for; {first}.")
    seen = {
        variant: pictures.gallery(
            part.image_id, layout.faces(query.dataset, query.crop, str(variant))
        )
        for variant, part in found.groupby("variant")
    }
    for start in range(0, len(found), columns):
        row = found.iloc[start : start + columns]
        for place, one in zip(st.columns(columns), row.itertuples(), strict=False):
            person = called.get(one.identity, one.identity) if query.named else "somebody"
            picture = seen[one.variant].get(one.image_id)
            text = caption(query, one, person)
            with place:
                if picture is None:
                    st.caption(f"{text} (no picture)")
                else:
                    alt = safe_text.tidy(person, 40)
                    st.image(picture, caption=text, width="stretch", alt=alt)
    if query.named:
        table = found.assign(name=found.identity.map(called), hit=hits)
    else:
        table = found[["similarity"]]
    elements.csv_button(table, safe_text.file_name(name, query.dataset, query.model))


def caption(query: Query, one, person: str) -> str:
    """Return the caption of a picture that was found: hit or miss, similarity, name."""
    mark = ("✓ " if one.identity == query.identity else "✗ ") if query.identity else ""
    cloaked = " (cloaked)" if one.variant != CLEAN else ""
    who = f" · {safe_text.plain(person, 40)}" if query.named else ""
    return f"{mark}{one.similarity:.3f}{who}{cloaked}"
