"""Choosing a person of a data set, and the address of a search for one of their pictures."""

import streamlit as st

from dashboard import safe_text, widgets
from dashboard.data import search
from dashboard.data.missing import Missing

LONGEST = 60


def person(
    dataset: str, default: str = "", title: str = "Person", key: str = "person"
) -> tuple[str, str]:
    """Let a person be chosen, by typing part of a name; return identity and name."""
    typed_key = "typed" if key == "person" else f"typed_{key}"
    left, right = st.columns([1, 2])
    with left:
        typed = st.text_input(
            "Name contains", key=typed_key, bind="query-params", max_chars=LONGEST
        )
    called = search.matching(dataset, typed)
    if not called:
        raise Missing("No matching name.", "")
    with right:
        said = lambda one: _said(called, one)  # noqa: E731
        identity = widgets.one(key, title, list(called), default, shown=said)
    return identity, called[identity]


def _said(called: dict[str, str], identity: str) -> str:
    return safe_text.tidy(called.get(identity, identity))


def search_address(
    dataset: str, crop: str, model: str, identity: str, image_id: str
) -> dict[str, str]:
    """Return what the address of the page Search says to search for a picture of a person."""
    address = {"dataset": dataset, "crop": crop, "model": model}
    called = search.matching(dataset, "")
    if identity not in called:
        address["typed"] = identity[:LONGEST]
        called = search.matching(dataset, address["typed"])
    if identity in called:
        address["person"] = _labels(called)[identity]
        mine = search.pictures_of(dataset, crop, model, identity)
        address |= {"photo": str(mine.index(image_id) + 1)} if image_id in mine else {}
    return {key: safe_text.tidy(value) for key, value in address.items()}


def _labels(called: dict[str, str]) -> dict[str, str]:
    return widgets.labels(list(called), lambda one: _said(called, one))
