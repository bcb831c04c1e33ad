"""Can it find me? The answer for a user's own photographs and their cloaks."""

import charts
import choose
import show
import streamlit as st
import words
from data import answers

dataset = choose.one("mine", "Photographs", answers.datasets())
text = answers.answer(dataset)
with show.section("Found, without the cloak and with it"):
    everybody = answers.people(dataset)
    columns = st.columns(3)
    for place, name in zip(columns, ("identity", "attack", "crop"), strict=True):
        with place:
            values = list(everybody[name].unique())
            chosen = choose.one(f"mine_{name}", words.label(name), values)
            everybody = everybody[everybody[name] == chosen]
    file = words.file_name("can-it-find-me", dataset, everybody.identity.iloc[0])
    said = "Share of searches that find this person, without the cloak and with it, by model."
    show.chart(charts.before_after(everybody), everybody, file, said)
    show.made_from("answers", dataset=dataset)
with show.section("In words"), st.container(border=True):
    st.markdown(answers.below_a_heading(text))
name = f"{words.file_name('can-it-find-me', dataset)}.md"
st.download_button("Answer, Markdown", text, name, "text/markdown", on_click="ignore")
st.page_link(
    "views/search.py",
    label="Look at what is found, picture by picture",
    query_params={"dataset": dataset},
)
