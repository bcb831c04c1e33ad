"""The nearest pictures to what is searched with, hit or miss, side by side for each model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import elements, safe_text
from dashboard.data import people, pictures, search
from facebench.store import layout
from facebench.store.layout import CLEAN

#: Pictures in a row.
ACROSS = 6


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
    columns = st.columns(len(queries), gap="large", border=len(queries) > 1)
    for number, (column, query) in enumerate(zip(columns, queries, strict=True)):
        with column, elements.section(safe_text.plain(query.model)):
            found = search.nearest(
                query.dataset, query.crop, query.model, query.vector, k,
                query.image_id, query.cloaked,
            )  # fmt: skip
            # Two models may have the same name in a file name: the number tells them apart.
            wide = ACROSS if len(queries) == 1 else ACROSS // 2
            grid(query, found, wide, f"search-{number + 1}")


def grid(query: Query, found: pd.DataFrame, across: int, name: str) -> None:
    """Show pictures with their similarity, whom they show, and whether that is a hit.

    across: how many there are in a row.
    """
    called = people.names(query.dataset) if query.named else {}
    hits = (found.identity == query.identity) if query.identity else found.identity.isin([])
    if query.identity:
        st.markdown(f"**{int(hits.sum())}** of {len(found)} {FOUND}; {first_hit(hits)}.")
    seen = {
        variant: pictures.gallery(
            part.image_id, layout.faces(query.dataset, query.crop, str(variant))
        )
        for variant, part in found.groupby("variant")
    }
    with elements.picture_grid(name, across):
        for rank, one in enumerate(found.itertuples(), 1):
            person = called.get(one.identity, one.identity) if query.named else "somebody"
            picture = seen[one.variant].get(one.image_id)
            text = caption(query, one, rank, person)
            if picture is None:
                st.caption(f"{text} (no picture)")
            else:
                alt = safe_text.tidy(person, 40)
                st.image(picture, caption=text, width="stretch", alt=alt)
    if query.named:
        table = found.assign(name=found.identity.map(called), hit=hits, rank=found.index + 1)
    else:
        table = found[["similarity"]].assign(rank=found.index + 1)
    elements.csv_button(table, safe_text.file_name(name, query.dataset, query.model))


#: What is counted above the pictures.
FOUND = "show the person searched for"


def first_hit(hits: pd.Series) -> str:
    """Return where the first right picture is.

    >>> first_hit(pd.Series([True, False])), first_hit(pd.Series([False, True]))
    ('the first of all is one of them', 'the first of them is at rank 2')
    """
    if not hits.any():
        return "none of the first ones is"
    rank = int(hits.to_numpy().argmax()) + 1
    return (
        "the first of all is one of them" if rank == 1 else f"the first of them is at rank {rank}"
    )


def caption(query: Query, one, rank: int, person: str) -> str:
    """Return the caption of a picture that was found: rank, right or wrong, similarity, name."""
    right = "✓ same person" if one.identity == query.identity else "✗ somebody else"
    parts = [f"**{rank}**" + (f" {right}" if query.identity else "")]
    parts.append(f"similarity {one.similarity:.3f}")
    parts += [safe_text.plain(person, 40)] if query.named else []
    return " · ".join(parts) + (" (cloaked)" if one.variant != CLEAN else "")
