"""Transfer: do attacks work on models that they were not made on, and for all groups alike?"""

import streamlit as st

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import places, poison
from dashboard.view import View

COLUMNS = [
    "attack", "kind", "surrogates", "victim", "found_clean", "found", "gain", "interval",
    "p_corrected", "n_identities",
]  # fmt: skip
SHARES = ("found_clean", "found", "gain")


def transfer(view: View) -> None:
    """Show the effect of every attack on every model, and on groups of people."""
    by_victim(view)
    by_group(view)


def by_victim(view: View) -> None:
    """Show the effect of each attack on each model."""
    with elements.section(
        "Transfer",
        "By how many points a cloak lowers the share of successful searches when all photographs in"
        " the index are cloaked. A frame marks the model that the attack was made on (white-box),"
        " the easiest case. A mean is over other models for each attack, so the means can't be"
        " compared.",
    ):
        table = poison.across("transfer", view.dataset, view.crop)
        picture = charts.transfer(table)
        said = "Effect of each attack on each model."
        elements.chart(picture, table, f"transfer-{view.file}", said)
        with st.expander("Table"):
            shown = elements.in_points(table, *SHARES)[COLUMNS]
            columns = elements.format_columns({"%.1f %%": SHARES, "%.3g": ["p_corrected"]})
            columns["kind"] = st.column_config.Column("Kind of attack")
            elements.table(shown, f"transfer-{view.file}", "Transfer of attacks.", columns)
        elements.made_from(places.result("poison-transfer.parquet"))


def by_group(view: View) -> None:
    """Show the effect of an attack on groups of people."""
    with elements.section(
        "Are all groups protected equally?",
        "By how many points a cloak lowers the share of successful searches in each group, with"
        " intervals over people. Groups are small, and no group can lose more than is found of it"
        " without a cloak. No p is shown: the test is wrong where everybody in a group is hidden.",
    ):
        table = poison.across("groups", view.dataset, view.crop)
        left, right = st.columns(2)
        with left:
            attack = widgets.one("group_attack", "Attack", list(table.attack.unique()))
        with right:
            groups = list(table.group.unique())
            group = widgets.one("group_by", "Group by", groups, shown=vocabulary.sentence_case)
        some = table[(table.attack == attack) & (table.group == group)]
        some = some.assign(group=some["value"], value=some.gain, metric="gain")
        models = list(some.model.unique())
        picture = charts.grouped(some, "group", models, "searches lost (points)", zero=False)
        said = "Effect on each group, by model."
        elements.chart(picture, some, f"poison-groups-{view.file}", said)
        elements.made_from(places.result("poison-groups.parquet"))
