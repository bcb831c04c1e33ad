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
source = layout.my_cloaks(places.study(), dataset, "parquet")
with elements.section("Searches that succeed, without the cloak and with it"):
    everybody = my_cloaks.people(dataset)
    chosen = {}
    for place, name in zip(st.columns(2), ("identity", "attack"), strict=True):
        with place:
            values = list(everybody[name].unique())
            chosen[name] = widgets.one(f"mine_{name}", vocabulary.label(name), values)
            if name == "attack":
                cloaks = everybody  # all of this person
            everybody = everybody[everybody[name] == chosen[name]]
    st.caption(my_cloaks.how_many(everybody))
    file = safe_text.file_name("can-it-find-me", dataset, everybody.identity.iloc[0])
    said = "Share of searches that find this person, without the cloak and with it, by model."
    elements.chart(charts.before_after(everybody), everybody, file, said)
    elements.made_from(source)
    if cloaks.attack.nunique() > 1:
        with elements.section(
            "All cloaks beside each other",
            "The share of this person's searches that succeed with each: the further left, the"
            " better it hides. Of one cloak in several sizes, or on the photograph and on the crop,"
            " it shows what that changes for this person.",
        ):
            table = my_cloaks.as_numbers(cloaks)
            models = list(dict.fromkeys(table.sort_values("found_clean", ascending=False).model))
            picture = charts.grouped(table, "attack", models, "searches that find this person")
            said = "Share of searches that find this person with each cloak, by model."
            elements.chart(picture, table, f"{file}-cloaks", said)
            elements.made_from(source)
    crop = everybody.crop.iloc[0]
    for part, label in my_cloaks.more(dataset, crop).items():
        address = {"dataset": dataset, "crop": crop, "part": part}
        st.page_link("views/poisoning.py", label=label, query_params=address)
st.page_link(
    "views/search.py",
    label="See what is found, picture by picture",
    query_params={"dataset": dataset},
)
