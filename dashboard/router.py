"""The router: which pages there are. `app.py` serves it."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).parents[1]
# `scripts` for the few functions shared with the workflow: docs/dashboard.md lists them.
sys.path += [p for p in (str(ROOT), str(ROOT / "scripts")) if p not in sys.path]

from dashboard import page_frame  # noqa: E402

PAGES = {
    "Answers": [
        st.Page("views/overview.py", title="Overview", default=True),
        st.Page("views/models.py", title="Models"),
        st.Page("views/claims.py", title="Claims"),
        st.Page("views/find_me.py", title="Can it find me?"),
    ],
    "Evidence": [
        st.Page("views/recognition.py", title="Recognition"),
        st.Page("views/poisoning.py", title="Poisoning"),
        st.Page("views/names.py", title="Names"),
        st.Page("views/search.py", title="Search"),
        st.Page("views/pairs.py", title="Pairs"),
        st.Page("views/indices.py", title="Index"),
        st.Page("views/two_studies.py", title="Two studies"),
    ],
    "Behind it": [
        st.Page("views/cost.py", title="Cost"),
        st.Page("views/provenance.py", title="Provenance"),
    ],
}
page = st.navigation(PAGES, expanded=True)
st.set_page_config(f"{page.title} · facebench", layout="wide")
page_frame.around(page)
