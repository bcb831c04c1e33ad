"""Widgets that choose what a page shows. Their values are in the URL, so a view can be sent."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
import words
from data import numbers
from data.files import Missing


def one(
    key: str,
    title: str,
    options: Sequence[Any],
    default: Any = None,
    shown: Callable[[Any], str] = words.tidy,
    help: str | None = None,
) -> Any:
    """Return the option chosen; of a single one there is nothing to choose."""
    options = list(options)
    if not options:
        raise Missing(f"There is nothing to choose from for “{title}”.")
    index = options.index(default) if default in options else 0
    return st.selectbox(
        title,
        options,
        index,
        format_func=shown,
        key=key,
        help=help,
        bind="query-params",
        disabled=len(options) == 1,
    )


def several(
    key: str, title: str, options: Sequence[str], default: Sequence[str], help: str | None = None
) -> list[str]:
    """Return the options chosen, in their order; none chosen means the default.

    Without a default, none chosen means all.
    """
    chosen = st.multiselect(
        title,
        list(options),
        list(default),
        format_func=words.tidy,
        key=key,
        help=help,
        placeholder="Choose some" if default else "All",
        bind="query-params",
    )
    return [option for option in options if option in chosen] or list(default)


def dataset() -> str:
    """Return the data set chosen, the same on all pages."""
    return one("dataset", "Data set", numbers.distinct("dataset"))


def dataset_and_crop() -> tuple[str, str]:
    """Return the data set and the crop chosen, the same on all pages."""
    left, right = st.columns(2)
    with left:
        chosen = dataset()
    with right:
        crops = numbers.distinct("crop", dataset=chosen, **numbers.CLEAN)
        crop = one("crop", "Crop", crops, help="What part of a picture the models saw.")
    return chosen, crop


def part(key: str, parts: Sequence[str]) -> str:
    """Return which part of a page to show."""
    chosen = st.segmented_control(
        "Part", parts, default=parts[0], key=key, bind="query-params", label_visibility="collapsed"
    )
    return chosen if chosen in parts else parts[0]
