"""Provenance: any number, everything it depends on, and the command that makes it again."""

import streamlit as st

from dashboard import elements, number_text, safe_text, vocabulary, widgets
from dashboard.data import commands, numbers, provenance, ranking

asked = provenance.asked(st.query_params.to_dict())
found = provenance.chosen(asked) if asked else None
if asked and found is None:
    number = safe_text.plain(asked["number"], 40)
    st.warning(
        f"These results have no such number (record {number}): the address is of other results,"
        " or the study was run again since. Choose a number here.",
        icon=":material/warning:",
    )
if found is None:
    dataset = widgets.dataset()
    left, middle, right = st.columns(3)
    with left:
        attack = widgets.one("attack", "Pictures", numbers.distinct("attack", dataset=dataset))
        crop = widgets.one("crop", "Crop", numbers.distinct("crop", dataset=dataset, attack=attack))
    same = {"dataset": dataset, "attack": attack, "crop": crop}
    with middle:
        models = ranking.best_first(dataset, crop, numbers.distinct("model", **same))
        model = widgets.one("model", "Model", models)
        protocol = widgets.one(
            "protocol",
            "Protocol",
            provenance.protocols(model=model, **same),
            shown=lambda p: vocabulary.PROTOCOLS.get(p, vocabulary.sentence_case(p)),
        )
    rows = numbers.metrics(model=model, protocol=protocol, **same).reset_index(drop=True)
    said = [provenance.title(row) for row in rows.to_dict("records")]
    with right:
        place = widgets.one("which", "Number", range(len(rows)), shown=lambda place: said[place])
    found = rows.iloc[place]
else:
    back, again = st.columns(2)
    page, address = provenance.shown_on(found)
    back.page_link(
        f"views/{page}.py",
        label=f"Back to {page.capitalize()}: {safe_text.plain(found.dataset)},"
        f" {safe_text.plain(found.crop)}",
        icon=":material/arrow_back:",
        query_params=address,
    )
    again.page_link(
        "views/provenance.py",
        label="Choose another number",
        icon=":material/search:",
        query_params={key: address[key] for key in ("study", "dataset")},
    )

with elements.section(safe_text.plain(provenance.title(found), 300)):
    st.metric("Value", number_text.number(found.metric, found.value, found.ci_low, found.ci_high))
    st.markdown(provenance.sentence(found))

record = numbers.record(found.record)
with elements.section("Make it again"):
    st.code(provenance.command(found, record), language="bash", wrap_lines=True)
    if not commands.known():
        st.caption("Add `--configfile` and the study's configuration file.")

with elements.section(
    "What it depends on", "Weights, preprocessing, prompts, data, code, seeds and library versions."
):
    elements.table(
        provenance.facts(record), f"facts-{found.record}", "What the number depends on.", height=380
    )
    st.download_button(
        "Record, JSON",
        provenance.text(record),
        f"record-{safe_text.file_name(found.record)}.json",
        "application/json",
        on_click="ignore",
    )
    with st.expander("The whole record"):
        st.json(record, expanded=2)
