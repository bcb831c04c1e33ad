"""The parts of the page Recognition: curves, by crop, by group, person by person."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, widgets, words
from dashboard.data import numbers, people, pictures, ranking
from dashboard.data.files import Missing
from dashboard.data.ranking import View


def curves(view: View) -> None:
    """Show how the shares change with the number of hits, with false accepts, with false alarms."""
    with elements.section(
        "Found among the first k", "A photograph is searched. Is its person among the first k hits?"
    ):
        table = ranking.along(view.clean, "identify", "rank", "rank")
        picture = charts.curves(table, "rank", "k: hits looked at (logarithmic)", "found", log=True)
        said = "Share of searches found among the first k hits, by model."
        elements.chart(picture, table, f"cmc-{view.file}", said)
        elements.folded(table, ["model", "rank"], f"cmc-{view.file}")
    same_or_not(view)
    if (view.clean.protocol == "view2").any():
        listed_pairs(view)
    strangers(view)


def same_or_not(view: View) -> None:
    """Show the ROC curve of all pairs, as far as it was measured."""
    with elements.section(
        "Same person or not",
        "Of all pairs of pictures: how many of one person are accepted when only so many of two"
        " are? The points were measured, each with its interval.",
    ):
        table = ranking.along(view.clean, "verify", "tar", "rate")
        title = "false accepts (share of pairs, logarithmic)"
        picture = charts.curves(table, "rate", title, "accepted", log=True)
        said = "Pairs of one person accepted at each rate of false accepts."
        elements.chart(picture, table, f"roc-{view.file}", said)
        elements.folded(table, ["model", "rate"], f"roc-{view.file}")
    elements.refusals(view, "verify")


def listed_pairs(view: View) -> None:
    """Show the ROC curve of View 2's pairs."""
    with elements.section("LFW's listed pairs", "The ROC curve of the pairs that View 2 lists."):
        drawn = [people.pair_curve(view.dataset, view.crop, model) for model in view.models]
        table = charts.thinned(pd.concat(drawn, ignore_index=True), "model")
        picture = charts.curves(table, "rate", "false accepts", "accepted", marks=False)
        elements.chart(
            picture, table, f"view2-{view.file}", "ROC curve of View 2's pairs, by model."
        )
        made_of_outcomes(view, "view2")


def strangers(view: View) -> None:
    """Show misses against false alarms when strangers are searched too."""
    with elements.section(
        "With strangers",
        "Half of the people are enrolled, everybody is searched. How many who are enrolled are"
        " missed when only so many searches for strangers raise an alarm?",
    ):
        measured = ranking.along(view.clean, "open_set", "fnir", "rate", may_lack=True)
        drawn = [people.alarm_curve(view.dataset, view.crop, model) for model in view.models]
        lines = pd.concat(drawn, ignore_index=True)
        table = pd.concat([lines.assign(metric="fnir"), measured], ignore_index=True)
        picture = charts.alarms(lines, measured)
        said = "Misses against false alarms, by model."
        elements.chart(picture, table, f"open-set-{view.file}", said)
        if len(measured):
            elements.folded(measured, ["model", "rate"], f"open-set-{view.file}")
        made_of_outcomes(view, "open_set")
    elements.refusals(view, "open_set")


def crops(view: View) -> None:
    """Show the page's question on every crop."""
    asked = view.question
    with elements.section(
        explained="The same question on other parts of the picture. Where the crop hides the face"
        " (background), what is found is the photograph and not the face."
    ):
        found = numbers.metrics(
            dataset=view.dataset,
            protocol=asked.protocol,
            metric=asked.metric,
            at=asked.at,
            model=view.models,
            **numbers.CLEAN,
        )
        table = ranking.kinds(found.dropna(subset=["value"]))
        picture = charts.grouped(table, "crop", view.models, asked.title)
        said = f"{asked.title} by crop and model."
        elements.chart(picture, table, f"crops-{view.file}", said)
        elements.folded(table, ["crop", "model", "kind"], f"crops-{view.file}")


def groups(view: View) -> None:
    """Show how often people of each group are found."""
    with elements.section(
        explained="Intervals by resampling people, not corrected for the number of groups: of many"
        " groups, some differ by chance."
    ):
        protocol = _searches(view)
        known = people.attributes(view.dataset)
        if not known:
            raise Missing("This data set describes no groups of people.", "")
        default = next((name for name in GROUPS_FIRST if name in known), None)
        attribute = widgets.one("attribute", "Group by", known, default, words.sentence_case)
        table = people.by_group(view.dataset, view.crop, view.models, protocol, attribute)
        picture = charts.grouped(table, "group", view.models, "Found first (rank-1)")
        said = f"Found first, by {words.sentence_case(attribute).lower()} and model."
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
        bands = ranking.bands(table.share)
        picture = charts.share_histogram(bands, "found in this share of searches")
        said = "How many people were found in how many of their searches."
        elements.chart(picture, bands, f"people-{model}-{view.file}", said)
        ordered = table if order.startswith("least") else table[::-1]
        faces = pictures.faces(view.dataset, view.crop)
        elements.people(ordered, faces, f"persons-{model}-{view.file}")
        made_of_outcomes(view, protocol, model)


def made_of_outcomes(view: View, protocol: str, model: str = "*") -> None:
    """Say of which file of outcomes something was counted in the page."""
    elements.made_from(
        "outcomes", dataset=view.dataset, crop=view.crop, model=model, protocol=protocol
    )


def _searches(view: View) -> str:
    measured = set(view.clean.protocol)
    for protocol in ("identify", "neighbour"):
        if protocol in measured:
            return protocol
    raise Missing("No search of people was measured for this data set and crop.")
