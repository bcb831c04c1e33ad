"""Larger galleries: the same searches among more and more strangers."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, number_text, widgets
from dashboard.data import larger as data
from dashboard.view import View

STRANGERS = "strangers in the gallery (logarithmic)"


def larger(view: View) -> None:
    """Show what is found in larger galleries, measured and by a law."""
    with elements.section():
        found = data.measured(view.dataset, view.crop, view.models)
        first(found, view)
        missed(found, view)
        by_law(found, view)


def first(found: pd.DataFrame, view: View) -> None:
    """Show how often the right person comes first."""
    with elements.section(
        "Found among strangers",
        "Half of the people are enrolled, with one photograph each, and strangers are added. How"
        " often does the right person still come first? The same searches at every size, with 95 %"
        " intervals over people and over draws of strangers.",
    ):
        show(data.by_size(found, "rank1"), "right person first", f"larger-{view.file}")
        simulated(found)


def missed(found: pd.DataFrame, view: View) -> None:
    """Show misses at a threshold that moves with the gallery."""
    with elements.section(
        "Missed among strangers",
        "Strangers are searched, too, and the threshold is moved with the gallery, so that the same"
        " share of their searches finds somebody. How many of the enrolled are missed?",
    ):
        rates = data.rates(found)
        if rates:
            rate = widgets.one("larger_rate", "False alarms", rates, shown=number_text.share)
            some = data.by_size(found, "fnir", rate)
            show(some, "missed", f"larger-missed-{view.file}")
        elements.refusals(view, data.PROTOCOL, threat=list(data.CROWDS))


def by_law(found: pd.DataFrame, view: View) -> None:
    """Show what laws say of galleries that nobody has searched."""
    with elements.section(
        "And in a gallery of a billion?",
        "Two laws are fitted to the measured sizes. Each is checked first: it predicts the largest"
        " gallery from the smaller ones. Beyond what was measured it is a guess, and its interval"
        " knows of people only, not of the law's own error.",
    ):
        table = data.laws(found)
        if table.empty:
            st.info("A law takes galleries of three sizes.")
        else:
            elements.table(table, f"laws-{view.file}", "What two laws say of larger galleries.")


def show(table: pd.DataFrame, title: str, name: str) -> None:
    """Show a line a model over the number of strangers, simulated ones dashed."""
    kinds = [line for line in data.CROWDS.values() if line in set(table.line)]
    picture = charts.lines_beside(table, "strangers", STRANGERS, title, kinds, log=True)
    elements.chart(picture, table, name, f"{title}, by the number of strangers and model.")
    elements.folded(table, ["model", "line", "strangers"], name)


def simulated(found: pd.DataFrame) -> None:
    """Say what simulated strangers are, where there are any."""
    if (found.line == data.CROWDS["scale-simulated"]).any():
        st.caption(
            "Dashed: **simulated** strangers, vectors of people, moved at random as far as makes"
            " the nearest of them as near as people are. Where both lines were measured, their"
            " distance says how far to trust it."
        )
