"""Thresholds to take home: at which score to accept a pair, elsewhere."""

from collections.abc import Sequence

import streamlit as st

from dashboard import elements, number_text
from dashboard.data import places
from dashboard.data.thresholds import COUNTS, FILE, thresholds

SHOWN = ["model", "rate", "threshold", "interval", "accepted", "accepted_interval", *COUNTS]
HOW = (
    "Accept two photographs as one person where the inner product of their vectors, each of length"
    " 1, is at or above the threshold. At most the stated share of the pairs of two people here"
    " passes it. The interval is over people: take its upper end where a false accept is the worse"
    " mistake. A threshold holds of one model in one crop, and of people like these. It carries"
    " over neither to another crop nor to other people, least of all to people who look more"
    " alike: measure it on yours. In a search every person compared is one more chance of a"
    " false accept."
)


def thresholds_to_take_home(dataset: str, crop: str, models: Sequence[str], file: str) -> None:
    """Show the thresholds of some models, as they are in thresholds.json."""
    with elements.section("Thresholds to take home", HOW):
        found = thresholds(dataset, crop, models)
        rows = found.assign(
            rate=[number_text.share(rate) for rate in found.fmr],
            interval=[
                number_text.interval(low, high, rate=False)
                for low, high in zip(found.ci_low, found.ci_high, strict=True)
            ],
            accepted=100 * found.tar,
            accepted_interval=[
                number_text.interval(low, high)
                for low, high in zip(found.tar_ci_low, found.tar_ci_high, strict=True)
            ],
        )
        refused = found.refused.notna()
        reasons = {"refused": found.refused.where(refused, "")} if refused.any() else {}
        elements.table(
            rows[SHOWN].assign(**reasons),
            f"thresholds-{file}",
            "Scores at which to accept a pair, by model and share of strangers that pass.",
            {
                "rate": st.column_config.Column("Strangers that pass"),
                "threshold": st.column_config.NumberColumn("Threshold", format="%.4f"),
                "accepted": st.column_config.NumberColumn("One person, accepted", format="%.1f %%"),
                "accepted_interval": st.column_config.Column("Its interval"),
                "people": st.column_config.NumberColumn("People", format="localized"),
                "pictures": st.column_config.NumberColumn("Pictures", format="localized"),
                "impostor_pairs": st.column_config.NumberColumn(
                    "Pairs of two people", format="localized"
                ),
                "refused": st.column_config.Column("Why there is none"),
            },
            lacking="the data can't resolve this rate; the last column says why.",
        )
        elements.made_from(places.result(FILE))
