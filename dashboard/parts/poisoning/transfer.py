"""Transfer: do attacks work on models that they were not made on, and for all groups alike?"""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import places, poison, ranking
from dashboard.view import View

COLUMNS = [
    "attack", "kind", "surrogates", "victim", "averaged", "found_clean", "found", "gain",
    "interval", "protected_share", "p_corrected", "n_identities",
]  # fmt: skip
SHARES = ("found_clean", "found", "gain", "protected_share")
GROUP_COLUMNS = [
    "value", "model", "n_found", "found_clean", "protected_share", "difference", "interval",
    "p_corrected",
]  # fmt: skip
GROUP_SHARES = ("found_clean", "protected_share", "difference")


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
        " the easiest case. A mean is over the models that no attack was made on; where there are"
        " none, over those that the attack itself was not made on, and such means can't be"
        " compared. Its interval is over people, for these models.",
    ):
        table = poison.across("transfer", view.dataset, view.crop)
        table = best_first(table, view, "victim")
        picture = charts.transfer(table)
        said = "Effect of each attack on each model."
        elements.chart(picture, table, f"transfer-{view.file}", said)
        with st.expander("Table"):
            shown = elements.in_points(table, *SHARES)[COLUMNS]
            columns = elements.format_columns({"%.1f %%": SHARES, "%.3g": ["p_corrected"]})
            columns["kind"] = st.column_config.Column("Kind of attack")
            elements.table(shown, f"transfer-{view.file}", "Transfer of attacks.", columns)
        elements.made_from(places.result("poison-transfer.parquet"))


def best_first(table: pd.DataFrame, view: View, column: str) -> pd.DataFrame:
    """Return rows by a column of models, those of the best recogniser first; means come last."""
    order = ranking.best_first(view.dataset, view.crop, list(table[column].unique()))
    return table.loc[table[column].map(order.index).sort_values(kind="stable").index]


def by_group(view: View) -> None:
    """Show the effect of an attack on groups of people."""
    with elements.section(
        "Are all groups protected equally?",
        "Of the searches that find a person without the cloak, how many fail with it, in each"
        " group, with intervals over people. The table compares each group with everybody else; p"
        " is of a test that gives the group's labels to other people, corrected for all groups,"
        " attacks and models.",
    ):
        table = poison.across("groups", view.dataset, view.crop)
        left, right = st.columns(2)
        with left:
            attack = widgets.one("group_attack", "Attack", list(table.attack.unique()))
        with right:
            groups = list(table.group.unique())
            group = widgets.one("group_by", "Group by", groups, shown=vocabulary.sentence_case)
        some = table[(table.attack == attack) & (table.group == group)]
        models = ranking.best_first(view.dataset, view.crop, list(some.model.unique()))
        drawn = some.assign(group=some["value"], value=some.protected_share, metric="protection")
        drawn = drawn.assign(ci_low=some.protected_low, ci_high=some.protected_high)
        title = "of what is found, hidden by the cloak"
        # The share is of the people who are found without the cloak.
        drawn = drawn.assign(n_identities=drawn.n_found).dropna(subset=["value"])
        picture = charts.groups(drawn, group, models, title, zero=False)
        said = "What the cloak hides of each group, by model."
        elements.chart(picture, drawn, f"poison-groups-{view.file}", said)
        with st.expander("Table"):
            limits = some.assign(ci_low=some.difference_low, ci_high=some.difference_high)
            shown = elements.in_points(limits, *GROUP_SHARES)[GROUP_COLUMNS]
            columns = elements.format_columns({"%.1f %%": GROUP_SHARES, "%.3g": ["p_corrected"]})
            columns["value"] = st.column_config.Column("Group")
            order = vocabulary.in_order(group, shown["value"])
            shown = shown.assign(value=pd.Categorical(shown["value"], order)).sort_values("value")
            shown = shown.astype({"value": "str"})
            columns["difference"] = st.column_config.NumberColumn(
                "Less everybody else", format="%.1f %%"
            )
            elements.table(shown, f"groups-{view.file}", "Groups compared.", columns)
        elements.made_from(places.result("poison-groups.parquet"))
