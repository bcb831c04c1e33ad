"""Tables of people with a picture each."""

import pandas as pd
import streamlit as st

from dashboard import safe_text
from dashboard.data import pictures
from dashboard.data.missing import Missing
from dashboard.elements.tables import table

#: Only the first people of a table are shown, and their pictures read.
MOST = 50


def people(found: pd.DataFrame, faces: str, name: str, share: str = "Found") -> None:
    """Show people with a picture each and how often they were found.

    faces: the table that holds the pictures.
    """
    first = found.head(MOST)
    try:
        seen = pictures.gallery(first.image_id, faces)
    except Missing:
        seen = {}
    small = [pictures.thumbnail(seen[i]) if i in seen else None for i in first.image_id]
    shown = pd.DataFrame(
        {
            "picture": small,
            "name": first["name"].map(safe_text.tidy),
            "searches": first.searches,
            "share": 100 * first.share,
            "mistaken": first.mistaken.map(safe_text.tidy),
        }
    )
    columns = {
        "picture": st.column_config.ImageColumn("Picture"),
        "name": st.column_config.TextColumn("Person"),
        "share": st.column_config.ProgressColumn(
            share, format="%.0f %%", min_value=0, max_value=100
        ),
        "mistaken": st.column_config.TextColumn("Most often mistaken for"),
    }
    table(shown, name, "People, with how often each was found.", columns, row_height=56, height=500)
    if len(found) > MOST:
        st.caption(f"The first {MOST} of {len(found):,} people.")
