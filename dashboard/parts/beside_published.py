"""Published figures, and what was measured here beside them."""

import pandas as pd
import streamlit as st

from dashboard import elements, widgets
from facebench.report.published import NOT_MEASURED, ours

SHOWN = [
    "named", "model", "published", "ours", "points", "differs", "feature", "cut", "source",
    "record",
]  # fmt: skip


def beside_published(figures: pd.DataFrame, file: str) -> None:
    """Show the figures of one data set and crop at a false match rate: `published.beside`."""
    with elements.section(
        "Beside published figures",
        "True match rates over every pair of pictures, as papers give them, and the same numbers of"
        " this study. Where crop or feature differ, a difference says little of the model.",
    ):
        at = widgets.one("fmr", "False match rate", list(figures["at"].unique()))
        chosen = figures[figures["at"] == at]
        measured = chosen.value.notna()
        links = elements.linked(chosen[measured]).link
        rows = chosen.assign(
            published=100 * chosen.published,
            ours=[ours(row) for row in chosen.to_dict("records")],
            points=(100 * chosen.difference).round(1),
            source=chosen.paper + ", " + chosen.table,
            record=links.reindex(chosen.index),
        )
        rows["ours"] = rows.ours.where(measured, NOT_MEASURED)
        rows["differs"] = rows.differs.where(measured, "")
        elements.table(
            rows[SHOWN],
            f"published-{file}",
            "Published true match rates beside those of this study.",
            {
                "record": elements.made_by(),
                "published": elements.share_column("published"),
                "points": st.column_config.NumberColumn("Difference, points", format="%+.1f"),
            },
            lacking="",
        )
