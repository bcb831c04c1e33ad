"""Hubs: what entries of an index do to searches that are for everybody, and how many it takes."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import hubs as data
from dashboard.parts.poisoning.hub_defences import defences
from dashboard.view import View

SEARCHED = {
    "hubs": "photographs",
    "hubs_by_name": "names",
    "hub_pictures": "photographs, pictures added",
    "hub_pictures_by_name": "names, pictures added",
}
#: Metric -> what is counted.
COUNTED = {"hits": "searches", "people_hit": "people"}
#: Entries that were in the index before, in fewer words than `vocabulary.threat` has for them.
NATURAL = "as many natural hubs"
SHORT = {
    "hub-natural": "a natural hub: nothing is added",
    "hub-enrolled": "any picture: nothing is added (control)",
}


def hubs(view: View) -> None:
    """Show what entries for everybody do, and what the owner of the index can do about them."""
    with elements.section():
        found = data.measured(view.dataset, view.crop)
        one, two, three = st.columns(3)
        with one:
            protocols = [name for name in SEARCHED if name in set(found.protocol)]
            protocol = widgets.one(
                "hubs_for", "Searched with", protocols, shown=lambda name: SEARCHED[name]
            )
            found = found[found.protocol == protocol]
        if protocol.startswith("hub_pictures"):
            attacks = list(dict.fromkeys(found.attack[found.metric == "hits"]))
            made = widgets.one("hubs_made", "Pictures", attacks)
            found = found[(found.attack == made) | (found.threat == "none")]
        hits = data.counted(found, "hits", "entries", "top")
        with two:
            top = widgets.one("hubs_top", "Among the first", sorted(hits.top.unique()), shown=str)
        with three:
            metric = widgets.one(
                "hubs_count", "Counted", list(COUNTED), shown=lambda name: COUNTED[name]
            )
        name = f"{protocol}-{metric}-{top}-{view.file}"
        one_entry(found, metric, top, name)
        more_entries(found, metric, top, name)
        until_half(found, top, name)
        if metric == "hits" and (found.metric == "hits_by_index").any():
            through_indices(found, top, name)
        defences(found, top, f"{protocol}-{top}-{view.file}")


def one_entry(found: pd.DataFrame, metric: str, top: int, name: str) -> None:
    """Show what a single entry does, by kind and model."""
    with elements.section(
        "What one entry does",
        f"Somebody adds one entry to the index, like as many people as possible. The share of"
        f" {COUNTED[metric]} for whom it is among the first {top}: of searches for people whom the"
        " attacker has never seen, or of these people, with one such search or more. Compare it"
        " with the natural hub (an entry of the index that is in most lists anyway), and with the"
        " controls.",
    ):
        table = data.by_entries(found, metric, top)
        table = table[table.entries == 1].assign(kind_of_entry=table.threat.map(kind_of))
        picture = charts.grouped(
            table, "kind_of_entry", list(dict.fromkeys(table.model)), COUNTED[metric]
        )
        said = (
            f"Share of {COUNTED[metric]} with one entry among the first {top}, by kind and model."
        )
        elements.chart(picture, table, f"one-{name}", said)
        elements.folded(table, ["model", "kind_of_entry"], f"one-{name}")


def more_entries(found: pd.DataFrame, metric: str, top: int, name: str) -> None:
    """Show what more entries of a kind do, beside as many natural hubs."""
    with elements.section(
        "What more entries do",
        f"The same, against the number of entries: the share of {COUNTED[metric]} with one of them"
        f" among the first {top}. Dashed: as many natural hubs. An attack adds what is above them.",
    ):
        table = data.by_entries(found, metric, top)
        kinds = list(dict.fromkeys(table.threat))
        kind = widgets.one("hubs", "What is added", kinds, shown=kind_of)
        table = data.beside_nature(table, kind, kind_of(kind), NATURAL)
        picture = charts.lines_beside(
            table, "entries", "entries", COUNTED[metric], list(dict.fromkeys(table.line))
        )
        said = f"Share of {COUNTED[metric]} with an entry among the first {top}, against entries."
        elements.chart(picture, table, f"more-{kind}-{name}", said)
        elements.folded(table, ["model", "line", "entries"], f"more-{kind}-{name}")


def until_half(found: pd.DataFrame, top: int, name: str) -> None:
    """Show how many entries it takes until half of the searches have one."""
    with elements.section(
        "How many it takes",
        f"The fewest entries, of the numbers that were tried, with which half of the searches have"
        f" one among the first {top}.",
    ):
        table = data.for_half(found, top)
        said = [
            f"{row.value:.0f}" if row.value == row.value else f"more than {row.tried:.0f}"
            for row in table.itertuples()
        ]
        wide = table.assign(said=said, kind_of_entry=table.threat.map(kind_of)).pivot(
            index="kind_of_entry", columns="model", values="said"
        )
        order = list(dict.fromkeys(table.threat.map(kind_of)))
        wide = wide.reindex(index=order, columns=list(dict.fromkeys(table.model)))
        headings = {one: st.column_config.TextColumn(one) for one in wide}
        wide = wide.reset_index()
        elements.table(wide, f"half-{name}", "Entries needed, by kind and model.", headings)
        measured = table.dropna(subset=["value"])
        if len(measured):
            measured = measured.assign(kind_of_entry=measured.threat.map(kind_of))
            elements.folded(measured, ["model", "kind_of_entry"], f"half-{name}")


def through_indices(found: pd.DataFrame, top: int, name: str) -> None:
    """Show what an index that doesn't look at every entry does to one entry's reach."""
    with elements.section(
        "Through an index",
        "Large engines look at a part of their index only: the lists nearest to a search. An entry"
        f" lies in one list. The share of searches with one entry among the first {top}, for each"
        " index that was tried; the number after its kind says how many lists are looked at.",
    ):
        table = data.through_indices(found, top)
        kinds = list(dict.fromkeys(table.threat))
        kind = widgets.one("hubs_through", "What is added", kinds, shown=kind_of)
        table = table[table.threat == kind]
        picture = charts.grouped(table, "index", list(dict.fromkeys(table.model)), "searches")
        said = f"Share of searches with one entry among the first {top}, by index and model."
        elements.chart(picture, table, f"through-{kind}-{name}", said)
        elements.folded(table, ["model", "index"], f"through-{kind}-{name}")


def kind_of(threat: str) -> str:
    """Return what is added to an index."""
    return SHORT.get(threat, vocabulary.threat(threat))
