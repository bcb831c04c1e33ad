"""The frame of every page: its title, and a watch on the results while the workflow runs."""

from datetime import datetime

import streamlit as st

from dashboard import safe_text
from dashboard.data import freshness, places
from dashboard.elements import section

SECONDS = 5


def around(page) -> None:
    """Show a page under its title, or a sentence if its results are missing altogether."""
    st.title(page.title, anchor=False)
    # Filled by what the page reads from here on.
    st.session_state.tracked = freshness.begin()
    st.session_state.folder = places.study_folder()
    with st.sidebar:
        watch()
    with section():
        places.check_layout()
        page.run()


@st.fragment(run_every=SECONDS)
def watch() -> None:
    """Name the study and the time of its numbers; rerun the page when its files change."""
    folder = places.study_folder()
    if freshness.changed(st.session_state.tracked) or folder != st.session_state.folder:
        st.rerun()
    metrics = freshness.track(folder / places.METRICS)
    if metrics:
        when = datetime.fromtimestamp(metrics[0] / 1e9)
        study = safe_text.plain(places.study())
        st.caption(f"Study {study}. Numbers of {when:%-d %B %Y, %H:%M}")
