"""Can it find me? The answer for a user's own photographs and their cloaks."""

import streamlit as st

from dashboard import charts, elements, safe_text, vocabulary, widgets
from dashboard.data import my_cloaks, places
from facebench.store import layout

dataset = widgets.one("mine", "Photographs", my_cloaks.datasets())
text = my_cloaks.answer(dataset)
with elements.section("In words"), st.container(border=True):
    st.markdown(my_cloaks.below_a_heading(text))
name = f"{safe_text.file_name('can-it-find-me', dataset)}.md"
st.download_button("Answer, Markdown", text, name, "text/markdown", on_click="ignore")
with elements.section("Searches that succeed, without the cloak and with it"):
    everybody = my_cloaks.people(dataset)
    columns = st.columns(3)
    for place, name in zip(columns, ("identity", "attack", "crop"), strict=True):
        with place:
            values = list(everybody[name].unique())
            chosen = widgets.one(f"mine_{name}", vocabulary.label(name), values)
            everybody = everybody[everybody[name] == chosen]
    st.caption(my_cloaks.how_many(everybody))
    file = safe_text.file_name("can-it-find-me", dataset, everybody.identity.iloc[0])
    said = "Share of searches that find this person, without the cloak and with it, by model."
    elements.chart(charts.before_after(everybody), everybody, file, said)
    elements.made_from(layout.my_cloaks(places.study(), dataset, "parquet"))
st.page_link(
    "views/search.py",
    label="See what is found, picture by picture",
    query_params={"dataset": dataset},
)
