"""Search: the nearest pictures to a person, to words or to a photograph, by one model or two."""

import streamlit as st

from dashboard import widgets
from dashboard.data import live_models, ranking
from dashboard.parts import neighbours, search

WORDS, PHOTOGRAPH = "Words", "A photograph of yours"
WAYS = {
    "A person of the data set": search.by_person,
    WORDS: search.by_words,
    PHOTOGRAPH: search.by_photograph,
}
#: Way -> what a model must be able to do, and what is said if none is.
CAN = {
    WORDS: (live_models.reads_text, "No model of this study reads text, as a CLIP does."),
    PHOTOGRAPH: (live_models.sees_pictures, "The vectors of all models were made elsewhere."),
}

way = widgets.part("by", list(WAYS))
left, right = st.columns(2)
with left:
    possible = search.possible_crops if way == PHOTOGRAPH else None
    dataset, crop = widgets.dataset_and_crop(possible)
known = ranking.measured_models(dataset, crop)
if way in CAN:
    known = live_models.able(known, *CAN[way])
with right:
    one, other = st.columns(2)
    with one:
        model = widgets.one("model", "Model", known)
    with other:
        rest = ["none", *(name for name in known if name != model)]
        beside = widgets.one("beside", "Compare with", rest)
models = [model] if beside == "none" else [model, beside]
search.blurred_note()
queries = WAYS[way](dataset, crop, models)
if queries:
    k = st.slider("How many", 3, 24, 12, key="many", bind="query-params")
    neighbours.neighbours(queries, k)
