"""Claims: what the study says to the claims of others, each with its test and verdict."""

import streamlit as st

from dashboard import elements, safe_text
from dashboard.data import claims

#: Verdict -> colour of its badge, which says it in words too.
COLOURS = {"supported": "green", "contradicted": "red", "undetermined": "gray"}

st.markdown(
    "A claim is *supported* or *contradicted* where its test says so at 5 %, and *undetermined*"
    " where the numbers can't tell. A verdict holds of these models, people and crops alone."
)
for says, answers in claims.verdicts().items():
    with elements.section(says):
        first = answers.iloc[0]
        rule = safe_text.plain(str(first.rule).replace("`", ""), 1000)
        st.caption(f"Claimed by: {safe_text.plain(first.source)}. {rule}")
        found = answers[answers.people > 0]
        if found.empty:
            st.info("Not asked for in this study: it has no numbers on this claim.")
        for row in found.itertuples():
            colour = COLOURS.get(row.verdict, "gray")
            where = f"{safe_text.plain(row.dataset)}, {safe_text.plain(row.crop)}"
            st.markdown(
                f":{colour}-badge[{safe_text.plain(row.verdict)}] **{where}**"
                f" ({row.people:,} people). {safe_text.plain(row.evidence, 1000)}"
            )
