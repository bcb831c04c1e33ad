"""How often everybody's right name is the best match, among how many, and with which template."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, number_text, safe_text, vocabulary, widgets
from dashboard.data import names, places, ranking
from facebench.store import layout


def everybody(dataset: str, crop: str, named: pd.DataFrame) -> None:
    """Show naming by model, template and person."""
    file = safe_text.file_name(dataset, crop)
    candidates = names.candidates(named)
    left, right = st.columns(2)
    with left:
        at = widgets.one(
            "candidates",
            "Names to choose from",
            candidates,
            default="all read" if "all read" in candidates else "all",
            shown=vocabulary.names,
        )
    with right:
        metric = widgets.one(
            "metric",
            "Number",
            ["top1", "top5"],
            shown=lambda m: {"top1": "right name first", "top5": "right name among the first five"}[
                m
            ],
        )

    with elements.section(
        "How often the right name is found",
        "A photograph is compared with the text of every name; no other photograph of the person is"
        " needed.",
    ):
        table = ranking.with_models(
            named[(named.metric == metric) & (named["at"] == at)]
        ).sort_values("value", ascending=False)
        chance = named[(named.metric == f"{metric}_chance") & (named["at"] == at)].value.max()
        picture = charts.intervals(
            table, vocabulary.metric("name", metric, at), list(table.model), chance=chance
        )
        elements.chart(
            picture,
            table,
            f"names-{metric}-{at}-{file}",
            f"{vocabulary.metric('name', metric, at)}, by model; the dashed line is guessing.",
        )
        st.caption(
            f"Dashed line: guessing, {number_text.percent(chance, 2)}. Where it isn't said that the"
            " wrong names were read in training, they are invented, and easier to tell apart."
            f" {charts.HUES_SAID}"
        )
        elements.numbers_table(table, ["model", "kind"], f"names-{metric}-{at}-{file}")

    with elements.section("By template", "The same, with each name put into a single template."):
        table = names.by_template(named, at)
        elements.numbers_table(table, ["model", "template"], f"templates-{at}-{file}")

    with elements.section("Person by person"):
        # The one that names most people, and not the best recogniser: that one may read no name.
        readers = list(table.model)
        model = widgets.one("reader", "Model", readers)
        table = names.by_person(dataset, crop, model)
        elements.people(table, layout.faces(dataset, crop), f"named-{model}-{file}", share="Named")
        elements.made_from(layout.outcomes(places.study(), dataset, crop, model, "name"))
