"""Models: accuracy against size, the table, published figures, differences, thresholds."""

import streamlit as st

from dashboard import charts, elements, safe_text, sentences, vocabulary, widgets
from dashboard.data import numbers, places, ranking
from dashboard.parts.beside_published import beside_published
from dashboard.parts.thresholds import thresholds_to_take_home
from facebench.report import published
from facebench.report.headlines import measured
from facebench.store import layout

left, right = st.columns(2)
with left:
    dataset, crop = widgets.dataset_and_crop()
clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
known = {headline.key: headline for headline in measured(clean)}
with right:
    one, other = st.columns(2)
    with one:
        key = widgets.one("number", "Number", list(known), shown=lambda key: known[key].title)
    headline = known[key]
    answers = ranking.ranked(clean, headline)
    with other:
        kinds = widgets.several("kinds", "Kinds of models", list(answers.kind.unique()), [])
chosen = answers[answers.kind.isin(kinds)] if kinds else answers
st.caption(headline.explained)
file = safe_text.file_name(dataset, crop, headline.protocol, headline.metric)

with elements.section("Accuracy against size"):
    found = chosen.dropna(subset=["value"])
    elements.chart(
        charts.accuracy_against_size(found, headline.title),
        found,
        f"size-{file}",
        f"{headline.title} against the number of parameters of {len(found)} models.",
    )
    st.caption(
        f"Bars: {numbers.intervals_of(found)}, which don't cover another training of the same"
        f" model. Where bars overlap, see “Who beats whom”. {charts.HUES_SAID}"
    )

with elements.section("Table"):
    elements.numbers_table(
        chosen,
        ["model", "kind"],
        f"models-{file}",
        [
            *("parameters_m", "data", "faces_blurred", "revision"),
            *elements.COUNTS,
            *("licence", "commercial", "weights_sha256"),
        ],
        {
            "parameters_m": st.column_config.NumberColumn(
                vocabulary.label("parameters_m"), format="%.1f"
            )
        },
    )

figures = published.beside(clean, dataset, crop)
if len(figures):
    beside_published(figures, file)

with elements.section(
    "Who beats whom",
    "Each cell: percentage points by which the model of the row is ahead of the model of the"
    " column, on the same searches. Framed and coloured where p is below 0.05, after"
    " Holm's correction for all pairs; in italics otherwise, which does not show that two models"
    " are equal."
    f" {sentences.TRAINED_ONCE}",
):
    matrix = ranking.matrix(dataset, crop, headline, list(chosen.model))
    matrix = matrix.assign(said=[sentences.difference(row) for row in matrix.itertuples()])
    elements.chart(
        charts.who_beats_whom(matrix, list(chosen.model)),
        matrix,
        f"beats-{file}",
        "Matrix of the differences between every two models.",
    )
    elements.made_from(
        places.result("comparisons.parquet"), layout.comparisons(places.study(), dataset, crop)
    )

thresholds_to_take_home(dataset, crop, list(chosen.model), safe_text.file_name(dataset, crop))
