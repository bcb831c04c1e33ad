"""Index: what entries inserted into an index do to searches."""

import streamlit as st

from dashboard import charts, elements, number_text, vocabulary, widgets
from dashboard.data import poison
from dashboard.view import View


def index_entries(view: View) -> None:
    """Show how often people are found against the number of entries inserted."""
    with elements.section(
        "Entries inserted into the index",
        "No photograph is changed. Somebody who can write to the index adds entries close to a"
        " person, or exchanges names. How many searches still find the person first?",
    ):
        found = poison.entries(view.dataset, view.crop)
        kinds = list(dict.fromkeys(found.threat))
        kind = widgets.one("slipped", "What is inserted", kinds, shown=vocabulary.threat)
        same = found[found.threat == kind].sort_values(["model", "entries"])
        victims = same[same.metric == "rank1"]
        picture = charts.curves(
            victims, "entries", "entries inserted", "right person first", x_format="d"
        )
        said = "Searches that find the right person first, against entries inserted, by model."
        elements.chart(picture, victims, f"index-{kind}-{view.file}", said)
        elements.folded(victims, ["model", "kind", "entries"], f"index-{view.file}")
        others = same[same.metric == "others_rank1"]
        if len(others):
            change = others.groupby("model").value.agg(lambda one: one.max() - one.min()).max()
            st.caption(
                "The share of searches that find everybody else changes by at most"
                f" {number_text.percent(change)}."
            )
