"""Errors at a threshold by group of people: is everybody recognised equally well?"""

import streamlit as st

from dashboard import charts, elements, safe_text, vocabulary, widgets
from dashboard.data import absent, groups, numbers, places
from dashboard.data.missing import Missing
from dashboard.view import View

#: Protocols whose outcomes tell errors at a threshold.
THRESHOLDS = ("verify", "open_set")


def at_a_threshold(view: View, attribute: str) -> None:
    """Show how often people of each group are missed, or taken for somebody else."""
    with elements.section(
        "Errors at a threshold",
        "One threshold for everybody: is it equally good for all? Each group is compared with all"
        " other people by giving its label to others, corrected for the number of groups.",
    ):
        table = groups.errors(view.dataset, view.crop, view.models, attribute)
        if table.empty:
            measured = {"dataset": view.dataset, "crop": view.crop, "protocol": list(THRESHOLDS)}
            if not numbers.distinct("model", **measured):
                raise absent.absent(view.dataset, view.crop, THRESHOLDS, "Errors at a threshold")
            raise Missing("Errors at a threshold are measured for groups of people only.", "")
        table = table.assign(error=table.metric.str.cat(table["at"], "@"))
        error = widgets.one("error", "Error", list(dict.fromkeys(table.error)), shown=groups.said)
        some = table[table.error == error].drop(columns=["group"])
        some = some.rename(columns={"group_value": "group"})
        title = groups.said(error)
        picture = charts.groups(some, attribute, view.models, title)
        name = f"group-errors-{safe_text.file_name(error)}-{attribute}-{view.file}"
        words = vocabulary.sentence_case(attribute).lower()
        elements.chart(picture, some, name, f"{title}, by {words} and model.")
        st.caption(groups.apart(some.rename(columns={"group": "group_value"})))
        elements.made_from(places.result(groups.TABLE))
