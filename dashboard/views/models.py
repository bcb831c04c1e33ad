"""Models: accuracy against size, the table, and how every two models differ."""

import streamlit as st

from dashboard import charts, elements, sentences, widgets, words
from dashboard.data import numbers, ranking

left, right = st.columns(2)
with left:
    dataset, crop = widgets.dataset_and_crop()
clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
known = {question.key: question for question in ranking.questions(clean)}
with right:
    one, other = st.columns(2)
    with one:
        key = widgets.one("number", "Number", list(known), shown=lambda key: known[key].title)
    question = known[key]
    answers = ranking.answers(clean, question)
    with other:
        kinds = widgets.several("kinds", "Kinds of models", list(answers.kind.unique()), [])
chosen = answers[answers.kind.isin(kinds)] if kinds else answers
st.caption(question.explained)
file = words.file_name(dataset, crop, question.protocol, question.metric)

with elements.section("Accuracy against size"):
    measured = chosen.dropna(subset=["value"])
    elements.chart(
        charts.accuracy_against_size(measured, question.title),
        measured,
        f"size-{file}",
        f"{question.title} against the number of parameters of {len(measured)} models.",
    )
    sure = numbers.confidence(measured)
    of = f" of {sure} confidence" if sure else ""
    st.caption(
        f"A bar is the interval{of}: where the value would lie had other people been drawn, not"
        " had the model been trained again. Where bars overlap, look at who beats whom."
    )

with elements.section("Table"):
    elements.numbers_table(
        chosen,
        ["model", "kind"],
        f"models-{file}",
        ["parameters_m", "data", "revision", *elements.COUNTS, "licence", "weights_sha256"],
        {"parameters_m": st.column_config.NumberColumn(words.label("parameters_m"), format="%.1f")},
    )

with elements.section(
    "Who beats whom",
    "Each cell: by how many percentage points the model of the row is ahead of that of the column,"
    " on the same searches. Colour where p is below 0.05 after Holm's correction for all pairs;"
    " grey where it is not, which doesn't show that two models are alike."
    f" {sentences.TRAINED_ONCE}",
):
    if question.protocol == "open_set":
        st.caption(sentences.HELD_THRESHOLDS)
    matrix = ranking.matrix(dataset, crop, question, list(chosen.model))
    matrix = matrix.assign(said=[sentences.difference(row) for row in matrix.itertuples()])
    elements.chart(
        charts.who_beats_whom(matrix, list(chosen.model)),
        matrix,
        f"beats-{file}",
        "Matrix of the differences between every two models.",
    )
    elements.made_from("comparisons")
