"""Overview: the three questions of the study, answered from its numbers, each with its picture."""

import streamlit as st

from dashboard import charts, elements, sentences, widgets, words
from dashboard.data import numbers, poison, ranking

dataset, crop = widgets.dataset_and_crop()
clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
file = words.file_name(dataset, crop)

with elements.section("1. Is a bigger CLIP a better recogniser?"):
    question = ranking.first(clean, "identify", "neighbour", "view2")
    answers = ranking.answers(clean, question)
    matrix = ranking.matrix(dataset, crop, question, list(answers.model), may_lack=True)
    st.markdown(sentences.bigger(answers, matrix))
    st.markdown(sentences.beside(answers))
    measured = answers.dropna(subset=["value"])
    elements.chart(
        charts.accuracy_against_size(measured, question.title),
        measured,
        f"overview-size-{file}",
        f"{question.title} against the number of parameters of {len(measured)} models.",
    )
    elements.folded(measured, ["model", "kind"], f"overview-size-{file}")
    st.caption(
        f"{question.title}: {question.explained} In brackets, and as bars: where the value would"
        " lie had other people been drawn, not had the model been trained again."
    )

with elements.section("2. Does a cloak stop it?"):
    found = poison.measured(dataset, crop)
    whole = ranking.rows_best_first(poison.whole(found), dataset, crop)
    transfer = poison.transfer(dataset, crop)
    st.markdown(sentences.cloaks(found, whole, transfer))
    table = poison.beside_nothing(whole)
    elements.chart(
        charts.heat(table, "attack", "model", "cloak"),
        table,
        f"overview-cloaks-{file}",
        "Share of searches that fail, by model and cloak.",
    )
    elements.folded(
        poison.beside_nothing(elements.linked(whole)),
        ["model", "kind", "attack", "fraction"],
        f"overview-cloaks-{file}",
    )
    st.caption(
        "Searches that fail, by the nearest picture. Cloaked:"
        f" {words.threat(whole.threat.iloc[0])}. The page Poisoning shows the other experiments."
    )

with elements.section("3. What does it mean for a search engine?"):
    naming = numbers.metrics(dataset=dataset, crop=crop, protocol="name", at="all", **numbers.CLEAN)
    by_picture = ranking.numbers_of(clean, "neighbour")
    strangers = ranking.numbers_of(clean, "open_set", metric="tpir")
    st.markdown(sentences.searching(by_picture, strangers, naming))
    searched = ranking.kinds(ranking.three_ways(by_picture, strangers, naming))
    ways = list(dict.fromkeys(searched.way))
    for column, way in zip(st.columns(len(ways)), ways, strict=True):
        with column:
            part = searched[searched.way == way].sort_values("value", ascending=False)
            elements.chart(
                charts.intervals(part, f"{way.lower()}: found", list(part.model), most=1.0),
                part,
                f"overview-{words.file_name(way)}-{file}",
                f"{way}: how often each model finds the right person.",
            )
    elements.folded(searched, ["way", "model", "kind"], f"overview-ways-{file}")
    st.caption(
        "A model that isn't there was not asked: only some read names. Nobody can be named whose"
        " name a model never read."
    )
