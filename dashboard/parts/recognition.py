"""The parts of the page Recognition: curves, by crop, by group, person by person."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import curves as curve_data
from dashboard.data import numbers, people, places, ranking
from dashboard.data.missing import Missing
from dashboard.view import View
from facebench.store import layout


def curves(view: View) -> None:
    """Show curves: rank, false accept rate, false alarm rate."""
    with elements.section(
        "Found among the first k",
        "A photograph is searched in the gallery. Is its person among the first k hits?",
    ):
        table = curve_data.over_points(view.numbers, "identify", "rank", "rank")
        picture = charts.curves(table, "rank", "k (logarithmic)", "found", log=True)
        said = "Share of searches found among the first k hits, by model."
        elements.chart(picture, table, f"cmc-{view.file}", said)
        elements.folded(table, ["model", "rank"], f"cmc-{view.file}")
    same_or_not(view)
    if (view.numbers.protocol == "view2").any():
        listed_pairs(view)
    strangers(view)


def same_or_not(view: View) -> None:
    """Show the ROC curve of all pairs, as far as it was measured."""
    with elements.section(
        "Same person or not",
        "Share of the pairs of one person that are accepted, at thresholds that accept a given"
        " share of the pairs of two people. The points were measured, each with its interval.",
    ):
        table = curve_data.over_points(view.numbers, "verify", "tar", "rate")
        title = "false accept rate (logarithmic)"
        picture = charts.curves(table, "rate", title, "true accept rate", log=True)
        said = "True accept rate at each false accept rate."
        elements.chart(picture, table, f"roc-{view.file}", said)
        elements.folded(table, ["model", "rate"], f"roc-{view.file}")
    elements.refusals(view, "verify")


def listed_pairs(view: View) -> None:
    """Show the ROC curve of View 2's pairs."""
    with elements.section("LFW's listed pairs", "The ROC curve of the pairs that View 2 lists."):
        drawn = [curve_data.pair_curve(view.dataset, view.crop, model) for model in view.models]
        table = charts.thinned(pd.concat(drawn, ignore_index=True), "model")
        picture = charts.curves(table, "rate", "false accept rate", "true accept rate", marks=False)
        elements.chart(
            picture, table, f"view2-{view.file}", "ROC curve of View 2's pairs, by model."
        )
        made_of_outcomes(view, "view2")


def strangers(view: View) -> None:
    """Show misses against false alarms when strangers are searched too."""
    with elements.section(
        "With strangers",
        "Half of the people are enrolled, everybody is searched. Share of the enrolled who are"
        " missed, at thresholds at which a given share of the searches of strangers returns"
        " somebody.",
    ):
        measured = curve_data.over_points(view.numbers, "open_set", "fnir", "rate", may_lack=True)
        drawn = [curve_data.alarm_curve(view.dataset, view.crop, model) for model in view.models]
        lines = pd.concat(drawn, ignore_index=True)
        table = pd.concat([lines.assign(metric="fnir"), measured], ignore_index=True)
        picture = charts.alarms(lines, measured)
        said = "Misses against false alarm rate, by model."
        elements.chart(picture, table, f"open-set-{view.file}", said)
        if len(measured):
            elements.folded(measured, ["model", "rate"], f"open-set-{view.file}")
        made_of_outcomes(view, "open_set")
    elements.refusals(view, "open_set")


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
        explained="Intervals by resampling people, not corrected for the number of groups: among"
        " many groups, some differ by chance."
    ):
        protocol = _searches(view)
        known = people.attributes(view.dataset)
        if not known:
            raise Missing("This data set describes no groups of people.", "")
        default = next((name for name in GROUPS_FIRST if name in known), None)
        attribute = widgets.one("attribute", "Group by", known, default, vocabulary.sentence_case)
        table = people.by_group(view.dataset, view.crop, view.models, protocol, attribute)
        picture = charts.grouped(table, "group", view.models, "Found first (rank-1)")
        said = f"Found first, by {vocabulary.sentence_case(attribute).lower()} and model."
        elements.chart(picture, table, f"groups-{attribute}-{view.file}", said)
        made_of_outcomes(view, protocol)


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
        bands = people.bands(table.share)
        picture = charts.share_histogram(bands, "found in this share of searches")
        said = "How many people were found in how many of their searches."
        elements.chart(picture, bands, f"people-{model}-{view.file}", said)
        ordered = table if order.startswith("least") else table[::-1]
        faces = layout.faces(view.dataset, view.crop)
        elements.people(ordered, faces, f"persons-{model}-{view.file}")
        made_of_outcomes(view, protocol, model)


def made_of_outcomes(view: View, protocol: str, model: str = "*") -> None:
    """Name the file, or files, of outcomes from which the page computed something."""
    elements.made_from(layout.outcomes(places.study(), view.dataset, view.crop, model, protocol))


def _searches(view: View) -> str:
    measured = set(view.numbers.protocol)
    for protocol in ("identify", "neighbour"):
        if protocol in measured:
            return protocol
    raise Missing("No search was measured for this data set and crop.")
