"""Two studies: the same number of both, side by side, and how their configurations differ."""

import streamlit as st

from dashboard import elements, safe_text, vocabulary, widgets
from dashboard.data import provenance, two_studies
from dashboard.parts import side_by_side

other = widgets.one(
    "other", "Compared with", two_studies.others(), help="The study on show is in the sidebar."
)
CHOICES = {
    "dataset": ("Data set", safe_text.tidy),
    "crop": ("Crop", safe_text.tidy),
    "protocol": ("Protocol", lambda name: vocabulary.PROTOCOLS.get(name, name)),
    "attack": ("Pictures", vocabulary.variant),
}
chosen: dict[str, str] = {}
for place, (column, (title, shown)) in zip(st.columns(4), CHOICES.items(), strict=True):
    with place:
        known = two_studies.options(column, other, **chosen)
        chosen[column] = widgets.one(column, title, known, shown=shown)
both = two_studies.shared(other, **chosen)
both = both.assign(said=[provenance.title(row) for row in both.to_dict("records")])
said = widgets.one("shared_number", "Number", list(dict.fromkeys(both.said)))
both = both[both.said == said].drop_duplicates("model")

with elements.section(
    "Side by side",
    "Each interval is over the people of its own study. The difference has none: the two studies"
    " were not compared search by search.",
):
    side_by_side.numbers(both, other)
with elements.section("What differs"):
    side_by_side.configurations(both, other)
