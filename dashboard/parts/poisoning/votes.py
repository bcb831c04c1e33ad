"""Two models: does a cloak hide from a search engine that asks both?"""

import streamlit as st

from dashboard import elements, safe_text, vocabulary, widgets
from dashboard.data import places, poison
from dashboard.parts.poisoning.transfer import best_first
from dashboard.view import View

SHARES = ("found_either_clean", "found_either", "gain")


def votes(view: View) -> None:
    """Show how often at least one of two models finds the person."""
    with elements.section(
        "Two models",
        "A search engine that asks two models finds a person if either of them does, so a cloak has"
        " to fool both. “Made on” names the model of a pair that the cloak was made on.",
    ):
        table = poison.across("votes", view.dataset, view.crop)
        attacks = list(table.attack.unique())
        attack = widgets.one("voted", "Attack", attacks, shown=vocabulary.variant)
        some = table[table.attack == attack]
        for column in ("model_b", "model_a"):
            some = best_first(some, view, column)
        some = elements.in_points(some, *SHARES)
        shown = some[["model_a", "model_b", "made_on", *SHARES, "interval"]]
        columns = elements.format_columns({"%.1f %%": SHARES})
        columns["model_b"] = st.column_config.Column("And")
        said = "Found by either of two models, without the cloak and with it."
        name = f"votes-{safe_text.file_name(attack)}-{view.file}"
        elements.table(shown, name, said, columns)
        elements.made_from(places.result("poison-votes.parquet"))
