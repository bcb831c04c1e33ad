"""What is around every page: its title, and a watch on the results while the workflow runs."""

from datetime import datetime

import streamlit as st
from data import files
from data.files import Missing
from show import section

#: Files whose change makes a page new.
WATCHED = ("metrics.parquet", "comparisons.parquet", "models.parquet", "poison-transfer.parquet")
SECONDS = 5


def around(page) -> None:
    """Show a page under its title; what it lacks altogether is said instead."""
    st.title(page.title, anchor=False)
    with st.sidebar:
        watch()
    with section():
        page.run()


@st.fragment(run_every=SECONDS)
def watch() -> None:
    """Say of when the results are, and show the page anew when they change."""
    now = {name: _state(name) for name in WATCHED}
    before = st.session_state.setdefault("watched", now)
    if now != before:
        st.session_state.watched = now
        st.rerun()
    changed = now["metrics.parquet"]
    if changed:
        st.caption(f"Numbers of {datetime.fromtimestamp(changed[0] / 1e9):%-d %B %Y, %H:%M}")


def _state(name: str) -> files.Stamp | None:
    try:
        return files.stamp(files.place(name))
    except Missing:
        return None
