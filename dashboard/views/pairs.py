"""Pairs: who was taken for whom, two people picture by picture, and scores with a threshold."""

import streamlit as st

from dashboard import widgets
from dashboard.data import ranking
from dashboard.parts import pairs, search
from dashboard.parts.pairs.picture_rows import Where

PARTS = {
    "Taken for whom": pairs.mistaken,
    "Two people": pairs.two_people,
    "Scores": pairs.scores,
}

left, right = st.columns([2, 1])
with left:
    dataset, crop = widgets.dataset_and_crop()
with right:
    model = widgets.one("model", "Model", ranking.measured_models(dataset, crop))
show_part = PARTS[widgets.part("part", list(PARTS))]
search.blurred_note()
show_part(Where(dataset, crop, model))
