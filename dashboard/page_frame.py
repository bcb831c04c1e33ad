"""What is around every page: its title, and a watch on the results while the workflow runs."""

from datetime import datetime

import streamlit as st

from dashboard.data import files, freshness
from dashboard.elements import section

SECONDS = 5


def around(page) -> None:
    """Show a page under its title; what it lacks altogether is said instead."""
    st.title(page.title, anchor=False)
    # Filled by what the page reads from here on.
    st.session_state.watched = freshness.begin()
    with st.sidebar:
        watch()
    with section():
        page.run()


@st.fragment(run_every=SECONDS)
def watch() -> None:
    """Say of when the results are, and show the page anew when anything that it read changes."""
    if freshness.changed(st.session_state.get("watched", {})):
        st.rerun()
    found = freshness.look(files.results() / "metrics.parquet")
    if found:
        st.caption(f"Numbers of {datetime.fromtimestamp(found[0] / 1e9):%-d %B %Y, %H:%M}")
