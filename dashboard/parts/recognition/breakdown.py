"""By crop, by group, person by person: who is found and who is not."""

import streamlit as st

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import absent, numbers, people, ranking
from dashboard.data.missing import Missing
from dashboard.parts.recognition.group_errors import at_a_threshold
from dashboard.parts.recognition.sources import made_of_outcomes
from dashboard.view import View
from facebench.store import layout


def crops(view: View) -> None:
    """Show the page's headline number on every crop."""
    asked = view.headline
    with elements.section(
        explained="The same number for other parts of the picture. Where the crop hides the face"
        " (background), the photograph is recognised and not the face."
    ):
        found = numbers.metrics(
            dataset=view.dataset,
            protocol=asked.protocol,
            metric=asked.metric,
            at=asked.at,
            model=view.models,
            **numbers.CLEAN,
        )
        table = ranking.with_models(found.dropna(subset=["value"]))
        picture = charts.grouped(table, "crop", view.models, asked.title)
        said = f"{asked.title} by crop and model."
        elements.chart(picture, table, f"crops-{view.file}", said)
        elements.folded(table, ["crop", "model", "kind"], f"crops-{view.file}")


def groups(view: View) -> None:
    """Show how often people of each group are found."""
    with elements.section(
        explained="Intervals over people, not corrected for the number of groups: among many of"
        " them, some differ by chance."
    ):
        protocol = _searches(view)
        known = people.attributes(view.dataset)
        if not known:
            raise Missing("This data set describes no groups of people.", "")
        default = next((name for name in GROUPS_FIRST if name in known), None)
        attribute = widgets.one("attribute", "Group by", known, default, vocabulary.sentence_case)
        table = people.by_group(view.dataset, view.crop, view.models, protocol, attribute)
        title = vocabulary.metric(protocol, "rank", "1")
        picture = charts.groups(table, attribute, view.models, title)
        said = f"{title}, by {vocabulary.sentence_case(attribute).lower()} and model."
        elements.chart(picture, table, f"groups-{attribute}-{view.file}", said)
        with st.expander("Table"):
            shown = elements.in_points(table, "value").sort_values(["model", "group"])
            shown = shown[["group", "model", "value", "interval", "n_identities", "searches"]]
            columns = {"value": elements.share_column("value")}
            elements.table(shown, f"group-{attribute}-{view.file}", said, columns)
        made_of_outcomes(view, protocol)
    at_a_threshold(view, attribute)


GROUPS_FIRST = ("skin_tone", "Male", "sex")


def persons(view: View) -> None:
    """Show who is found and who is not."""
    with elements.section():
        protocol = _searches(view)
        left, right = st.columns(2)
        with left:
            model = widgets.one("model", "Model", view.models)
        with right:
            order = widgets.one("order", "Show", ["least found first", "most found first"])
        table = people.per_person(view.dataset, view.crop, model, protocol)
        bands = people.bands(table)
        picture = charts.share_histogram(bands, "found in this share of searches")
        said = "How many people were found in how many of their searches."
        elements.chart(picture, bands, f"people-{model}-{view.file}", said)
        ordered = table if order.startswith("least") else table[::-1]
        faces = layout.faces(view.dataset, view.crop)
        elements.people(ordered, faces, f"persons-{model}-{view.file}")
        st.page_link(
            "views/pairs.py",
            label="See who was taken for whom, picture by picture",
            query_params={"dataset": view.dataset, "crop": view.crop, "model": model},
        )
        made_of_outcomes(view, protocol, model)


def _searches(view: View) -> str:
    measured = set(view.numbers.protocol)
    for protocol in ("identify", "neighbour"):
        if protocol in measured:
            return protocol
    raise absent.absent(view.dataset, view.crop, ("identify", "neighbour"), "Searches")
