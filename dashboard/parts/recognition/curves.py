"""Curves: rank, false accept rate and false alarm rate."""

import pandas as pd

from dashboard import charts, elements
from dashboard.data import absent, ranking
from dashboard.data import curves as curve_data
from dashboard.parts.recognition.sources import made_of_outcomes
from dashboard.view import View


def curves(view: View) -> None:
    """Show curves: rank, false accept rate, false alarm rate."""
    with elements.section(
        "Found among the first k",
        "A photograph is searched in the gallery. Is its person among the first k hits?",
    ):
        asked_for(view, "identify")
        table = curve_data.within_gallery(
            curve_data.over_points(view.numbers, "identify", "rank", "rank")
        )
        picture = charts.curves(table, "rank", "k (logarithmic)", "found", log=True)
        said = "Share of searches found among the first k hits, by model."
        elements.chart(picture, table, f"cmc-{view.file}", said)
        elements.folded(table, ["model", "rank"], f"cmc-{view.file}")
    same_or_not(view)
    if (view.numbers.protocol == "view2").any():
        listed_pairs(view)
    strangers(view)


def asked_for(view: View, protocol: str) -> None:
    """Raise `Missing` where a protocol has no numbers at all."""
    if not (view.numbers.protocol == protocol).any():
        raise absent.absent(view.dataset, view.crop, protocol)


def same_or_not(view: View) -> None:
    """Show the ROC curve of all pairs, as far as it was measured."""
    with elements.section(
        "Same person or not",
        "Share of the pairs of one person that are accepted, at thresholds that accept a given"
        " share of the pairs of two people. The points were measured, each with its interval.",
    ):
        asked_for(view, "verify")
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
        table = charts.thinned(ranking.coloured(pd.concat(drawn, ignore_index=True)), "model")
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
        asked_for(view, "open_set")
        measured = curve_data.over_points(view.numbers, "open_set", "fnir", "rate", may_lack=True)
        drawn = [curve_data.alarm_curve(view.dataset, view.crop, model) for model in view.models]
        lines = ranking.coloured(pd.concat(drawn, ignore_index=True))
        table = pd.concat([lines.assign(metric="fnir"), measured], ignore_index=True)
        picture = charts.alarms(lines, measured)
        said = "Misses against false alarm rate, by model."
        elements.chart(picture, table, f"open-set-{view.file}", said)
        if len(measured):
            elements.folded(measured, ["model", "rate"], f"open-set-{view.file}")
        made_of_outcomes(view, "open_set")
    elements.refusals(view, "open_set")
