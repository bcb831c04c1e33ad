"""Can it find me? The answer for a user's own photographs and their cloaks."""

import choose
import streamlit as st
import words
from data import answers

dataset = choose.one("mine", "Photographs", answers.datasets())
text = answers.answer(dataset)
st.markdown(text)
name = f"{words.file_name('can-it-find-me', dataset)}.md"
st.download_button("Answer, Markdown", text, name, "text/markdown", on_click="ignore")
st.page_link(
    "views/search.py",
    label="Look at what is found, picture by picture",
    icon=":material/search:",
    query_params={"dataset": dataset},
)
