"""Search: the nearest pictures to a person, to words or to a photograph, by one model or two."""

import streamlit as st

from dashboard import widgets
from dashboard.data import numbers, ranking
from dashboard.parts import neighbours, search

WAYS = {
    "A person of the data set": search.by_person,
    "Words": search.by_words,
    "A photograph of yours": search.by_photograph,
}

left, right = st.columns(2)
with left:
    dataset, crop = widgets.dataset_and_crop()
known = numbers.distinct("model", dataset=dataset, crop=crop, **numbers.CLEAN)
known = ranking.best_first(dataset, crop, known)
with right:
    one, other = st.columns(2)
    with one:
        model = widgets.one("model", "Model", known)
    with other:
        rest = ["none", *(name for name in known if name != model)]
        beside = widgets.one("beside", "Beside it", rest)
models = [model] if beside == "none" else [model, beside]
way = widgets.part("by", list(WAYS))
search.blurred_note()
queries = WAYS[way](dataset, crop, models)
if queries:
    k = st.slider("How many", 3, 24, 12, key="many", bind="query-params")
    neighbours.neighbours(queries, k)
