"""The risk of being named by text alone, for every data set of a study."""

from collections.abc import Sequence
from typing import Any

from dashboard import number_text, safe_text
from dashboard.sentences.comparisons import rate

#: Whether models read people's names in training -> who they are.
WHO = {True: "people whose names the models read", False: "strangers to the models"}


def named(risks: Sequence[Any]) -> str:
    """Return how often people are named first, `risks` as of `dashboard.data.naming`.

    Empty where nobody was named by any model.
    """
    if not risks:
        return ""
    said = [
        f"{WHO.get(risk.known, 'people')} ({safe_text.plain(risk.dataset)}, crop"
        f" {safe_text.plain(risk.number.crop)}) {rate(risk.number)}"
        f" of pictures with {safe_text.plain(risk.number.model)}"
        for risk in sorted(risks, key=lambda risk: risk.known is not True)
    ]
    return (
        "**The risk of being named first, by a photograph and no other of that person**:"
        f" {number_text.listed(said)}."
    )
