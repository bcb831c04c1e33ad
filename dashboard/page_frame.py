"""The frame of every page: its title, which study it is of, and a watch on the results."""

from datetime import datetime

import streamlit as st

from dashboard import look, safe_text, sentences, widgets
from dashboard.data import about, freshness, places
from dashboard.elements import section

SECONDS = 5


def around(page) -> None:
    """Show a page under its title, or a sentence if its results are missing altogether."""
    st.html(look.STYLE)
    st.session_state.told = 0
    with st.sidebar:
        study = widgets.one("study", "Study", places.studies(), places.served_folder().name)
    places.choose(study)
    # Filled by what the page reads from here on.
    st.session_state.tracked = freshness.begin()
    st.session_state.folder = places.study_folder()
    st.session_state.studies = places.studies()
    with st.sidebar:
        watch()
    st.title(page.title, anchor=False)
    with section():
        places.check_layout()
        with section():
            card()
        page.run()


def card() -> None:
    """Say what the study on show studied, and what it can't tell."""
    known = about.study()
    if known is not None:
        with st.container(border=True):
            st.caption(f"{sentences.card(known)} {sentences.caveat(known)}")


@st.fragment(run_every=SECONDS)
def watch() -> None:
    """Rerun the page when its files change, or a study is there that wasn't."""
    places.choose(st.session_state.study)
    if (
        freshness.changed(st.session_state.tracked)
        or places.study_folder() != st.session_state.folder
        or places.studies() != st.session_state.studies
    ):
        st.rerun()
    metrics = freshness.track(places.study_folder() / places.METRICS)
    if metrics:
        st.caption(f"Numbers of {datetime.fromtimestamp(metrics[0] / 1e9):%-d %B %Y, %H:%M}")
    if told := places.left_over():
        st.caption(safe_text.plain(told, 300))
