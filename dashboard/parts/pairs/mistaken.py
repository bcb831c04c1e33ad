"""Who was taken for whom: the searches in which somebody else came first, picture by picture."""

import streamlit as st

from dashboard import elements, number_text, safe_text, widgets
from dashboard.data import pairs, people
from dashboard.parts.pairs.picture_rows import Seen, Where, picture_rows, some

#: How mistakes are ordered -> the column, and whether it ascends.
ORDERS = {
    "the surest first": ("margin", False),
    "the narrowest first": ("margin", True),
    "the most alike first": ("score", False),
    "the mate furthest down first": ("rank", False),
}


def mistaken(where: Where) -> None:
    """Show who came first instead of the right person, and where the right person was."""
    with elements.section(
        "Taken for somebody else",
        "Every photograph is searched among all others, as on Search. Here are the searches in"
        " which a photograph of somebody else comes first, beside the nearest of the right person.",
    ):
        with st.spinner("Searching with every photograph …"):
            found = pairs.mistakes(where.dataset, where.crop, where.model)
        said(found)
        if found.table.empty:
            return
        left, right = st.columns(2)
        with left:
            order = widgets.one("mistakes", "Order", list(ORDERS))
        with right:
            typed = st.text_input(
                "Name contains", key="mistaken", bind="query-params", max_chars=60
            )
        called = people.names(where.dataset)
        table = found.table.assign(
            name=found.table.identity.map(called), other_name=found.table.other.map(called)
        )
        if typed:
            both = table[["name", "other_name"]].astype(str).agg(" ".join, axis=1)
            table = table[both.str.contains(typed, case=False, regex=False)]
        if table.empty:
            st.caption("No such name among them.")
            return
        column, ascending = ORDERS[order]
        table = table.sort_values(column, ascending=ascending, kind="stable")
        picture_rows(where, [triple(one) for one in some(table, "mistake").itertuples()], "row")
        name = safe_text.file_name("mistakes", where.dataset, where.crop, where.model)
        elements.csv_button(table, name)


def said(found: pairs.Mistakes) -> None:
    """Say how many searches went wrong."""
    wrong = len(found.table)
    share = number_text.percent(wrong / found.searched) if found.searched else ""
    st.markdown(
        f"In **{wrong:,}** of {found.searched:,} searches"
        + (f" ({share})" if share else "")
        + " somebody else comes first."
    )


def triple(one) -> list[Seen]:
    """Return the three pictures of a mistake."""
    taken = f"rank 1 · similarity {one.score:.3f}"
    mate = f"rank {one.rank} · similarity {one.mate_score:.3f}"
    return [
        Seen("Searched with", one.image_id, one.identity),
        Seen("✗ Taken for", one.other_id, one.other, taken),
        Seen("✓ The right person, nearest", one.mate_id, one.identity, mate),
    ]
