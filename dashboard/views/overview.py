"""Overview: the three questions of the study, answered from its numbers, each with a chart."""

import streamlit as st

from dashboard import charts, elements, safe_text, sentences, vocabulary, widgets
from dashboard.data import absent, naming, numbers, poison, ranking

dataset, crop = widgets.dataset_and_crop()
clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
file = safe_text.file_name(dataset, crop)


def scope(protocol: str) -> str:
    """Return what an answer is of: the people, and the part of the picture."""
    people = clean[clean.protocol == protocol].n_identities.max()
    count = f"{people:,.0f} people of " if people == people else ""
    return f"{count}`{safe_text.tidy(dataset).replace('`', '?')}`, crop {safe_text.plain(crop)}"


with elements.section("1. Is a bigger CLIP a better recogniser?"):
    headline = ranking.first(dataset, crop, clean, *ranking.RECOGNITION)
    answers = ranking.ranked(clean, headline)
    matrix = ranking.matrix(dataset, crop, headline, list(answers.model), may_lack=True)
    st.markdown(f"Of {scope(headline.protocol)}. {sentences.bigger(answers, matrix)}")
    every = ranking.compared(dataset, crop)
    st.markdown(f"{sentences.by_protocol(answers, every)} {sentences.beside(answers)}".strip())
    measured = answers.dropna(subset=["value"])
    elements.chart(
        charts.accuracy_against_size(measured, headline.title),
        measured,
        f"overview-size-{file}",
        f"{headline.title} against the number of parameters of {len(measured)} models.",
    )
    elements.folded(measured, ["model", "kind"], f"overview-size-{file}")
    st.caption(
        f"{headline.title}: {headline.explained} Brackets and bars:"
        f" {numbers.intervals_of(measured)}, which don't cover another training of the same model."
        f" {charts.HUES_SAID}"
    )

with elements.section("2. Does a cloak stop it?"):
    found = poison.measured(dataset, crop)
    whole = ranking.rows_best_first(poison.whole(found), dataset, crop)
    transfer = poison.transfer(dataset, crop)
    people = f"{whole.n_identities.max():,.0f} people who cloak, of "
    where = f"`{safe_text.tidy(dataset).replace('`', '?')}`, crop {safe_text.plain(crop)}"
    st.markdown(f"Of {people}{where}. {sentences.cloaks(found, whole, transfer)}")
    table = poison.beside_nothing(whole)
    elements.chart(
        charts.heat(table, "attack", "model"),
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
        f" {vocabulary.threat(whole.threat.iloc[0])}. The page Poisoning shows other experiments."
    )

with elements.section("3. What does it mean for a search engine?"):
    st.markdown(sentences.named(naming.risks()))
    named = numbers.metrics(dataset=dataset, crop=crop, protocol="name", **numbers.CLEAN)
    named = naming.hardest(named)
    by_picture = ranking.with_models(ranking.numbers_of(clean, "neighbour"))
    strangers = ranking.numbers_of(clean, "open_set", metric="tpir")
    searched = ranking.three_ways(by_picture[clean.columns], strangers, named)
    searched = ranking.with_models(searched)
    if searched.empty:
        raise absent.absent(dataset, crop, ("neighbour", "open_set", "name"), "Searches")
    st.markdown(
        f"Of {scope(searched.protocol.iloc[0])}."
        f" {sentences.searching(by_picture, strangers, named)}"
    )
    for protocol, way in (
        ("neighbour", "By picture"),
        ("open_set", "Among strangers"),
        ("name", "By name"),
    ):
        if not (clean.protocol == protocol).any():
            st.caption(safe_text.plain(absent.absent(dataset, crop, protocol, way).sentence, 300))
    ways = list(dict.fromkeys(searched.way))
    for column, way in zip(st.columns(len(ways)), ways, strict=True):
        with column:
            part = searched[searched.way == way].sort_values("value", ascending=False)
            elements.chart(
                charts.intervals(part, f"{way.lower()}: found", list(part.model), most=1.0),
                part,
                f"overview-{safe_text.file_name(way)}-{file}",
                f"{way}: how often each model finds the right person.",
            )
    elements.folded(searched, ["way", "model", "kind"], f"overview-ways-{file}")
    st.caption(
        "By name, models without a text encoder are not shown. A model can only name people whose"
        " names were in its training captions."
    )
