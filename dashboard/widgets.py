"""Widgets that choose what a page shows. Their values are in the address, which can be shared."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import streamlit as st

from dashboard import safe_text
from dashboard.data import numbers
from dashboard.data.missing import Missing


def labels(options: Sequence[Any], shown: Callable[[Any], str]) -> dict[Any, str]:
    """Return a label for every option, no two alike: Streamlit finds an option by its label.

    Equal labels get the option's own text, and a number if that isn't enough.

    >>> labels(["a1", "a2", "b1"], lambda option: option[0])
    {'a1': 'a (a1)', 'a2': 'a (a2)', 'b1': 'b'}
    """
    first = {option: shown(option) for option in options}
    often, taken = Counter(first.values()), {}
    for option, label in first.items():
        if often[label] > 1:
            label = f"{label} ({safe_text.tidy(option)})"
        more = (f"{label} ({number})" for number in count(2))
        while label in taken:
            label = next(more)
        taken[label] = option
    return {option: label for label, option in taken.items()}


def one(
    key: str,
    title: str,
    options: Sequence[Any],
    default: Any = None,
    shown: Callable[[Any], str] = safe_text.tidy,
    help: str | None = None,
) -> Any:
    """Return the option chosen."""
    options = list(options)
    if not options:
        raise Missing(f"There are no options for “{title}”.")
    index = options.index(default) if default in options else 0
    said = labels(options, shown)
    return st.selectbox(
        title,
        options,
        index,
        format_func=lambda option: said.get(option) or shown(option),
        key=key,
        help=help,
        bind="query-params",
    )


def several(
    key: str, title: str, options: Sequence[str], default: Sequence[str], help: str | None = None
) -> list[str]:
    """Return the options chosen, in their order; none chosen means the default.

    Without a default, none chosen means all.
    """
    said = labels(options, safe_text.tidy)
    chosen = st.multiselect(
        title,
        list(options),
        list(default),
        format_func=lambda option: said.get(option) or safe_text.tidy(option),
        key=key,
        help=help,
        placeholder="Choose some" if default else "All",
        bind="query-params",
    )
    return [option for option in options if option in chosen] or list(default)


def dataset(default: str = "") -> str:
    """Return the data set chosen, the same on all pages. default: of this page, if there is one."""
    return one("dataset", "Data set", numbers.distinct("dataset"), default)


def dataset_and_crop(
    possible: Callable[[str, Sequence[str]], list[str]] | None = None, default: str = ""
) -> tuple[str, str]:
    """Return the data set and the crop chosen, the same on all pages.

    possible: of a data set and its crops, those that are offered; without it all. default: the data
    set that is shown first, if not the first one.
    """
    left, right = st.columns(2)
    with left:
        chosen = dataset(default)
    with right:
        crops = numbers.distinct("crop", dataset=chosen, **numbers.CLEAN)
        crops = possible(chosen, crops) if possible else crops
        crop = one("crop", "Crop", crops, help="The part of a picture that the models saw.")
    return chosen, crop


def part(key: str, parts: Sequence[str], default: str | None = None) -> str:
    """Return which part of a page to show; without a default, and without a choice, the first."""
    first = default or parts[0]
    chosen = st.segmented_control(
        "Part", parts, default=first, key=key, bind="query-params", label_visibility="collapsed"
    )
    return chosen if chosen in parts else first
