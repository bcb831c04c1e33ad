"""Hubs: what the owner of an index can do about entries for everybody, and what that costs."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import hubs as data
from dashboard.data.missing import Missing


def defences(found: pd.DataFrame, top: int, name: str) -> None:
    """Show what is left of an attack behind each defence, and the price of each."""
    with elements.section(
        "What the owner can do",
        "The gate looks at each newcomer alone, and refuses one that would be in too many lists."
        " The scan counts in how many lists each entry is, and takes out the most frequent ones, at"
        " most a share of the index. How many searches still have an entry among the first"
        f" {top}? The lower, the better the defence.",
    ):
        behind(found, top, name)
    with elements.section(
        "What the defences cost",
        "Where nobody attacks: by how many points fewer searches find the right person first (an"
        " interval around 0: no loss was shown), and how many clean pictures the gate refuses that"
        " were not in the index before.",
    ):
        table = data.prices(found)
        if table.empty:
            raise Missing("No defence was measured.", "")
        elements.numbers_table(table, ["model", "defence", "cost"], f"prices-{name}")


def behind(found: pd.DataFrame, top: int, name: str) -> None:
    """Show how many searches entries are among the first of, behind each defence."""
    hits = data.counted(found, "hits", "entries", "top")
    hits = hits[(hits.top == top) & ~hits.threat.isin(data.THERE_ALREADY)]
    left, right = st.columns(2)
    with left:
        kinds = list(dict.fromkeys(hits.threat))
        kind = widgets.one("hubs_met", "What is added", kinds, shown=vocabulary.threat)
    with right:
        many = sorted(hits.entries[hits.threat == kind].unique())
        entries = widgets.one("hubs_many", "Entries", many, many[-1] if many else None, str)
    table = data.behind(found, kind, entries, top)
    picture = charts.grouped(table, "defence", list(dict.fromkeys(table.model)), "searches")
    said = f"Searches with one of {entries} entries among the first {top}, behind each defence."
    elements.chart(picture, table, f"behind-{kind}-{entries}-{name}", said)
    elements.folded(table, ["model", "defence"], f"behind-{kind}-{entries}-{name}")
