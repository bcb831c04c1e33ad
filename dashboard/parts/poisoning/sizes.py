"""Visible cost: what a cloak protects at each of its sizes, by model."""

import streamlit as st

from dashboard import charts, elements, safe_text, vocabulary, widgets
from dashboard.data import poison, sizes
from dashboard.view import View


def budget(view: View) -> None:
    """Show what attacks of several sizes add to the searches that fail, a line a model."""
    with elements.section(
        "How much protection for how much change?",
        "One cloak in several sizes. Further right, the change is easier to see; the higher a line,"
        " the more searches fail beyond those that fail without a cloak. Bars: intervals over"
        " people. Dashed: a control of the same sizes, which aims at nobody. Where a line isn't"
        " above its dashed one, the cloak does no more than noise.",
    ):
        gains = sizes.measured(view.numbers, view.dataset, view.crop)
        aimed = list(dict.fromkeys(gains.family[~gains.control_attack]))
        controls = list(dict.fromkeys(gains.family[gains.control_attack]))
        costs = [name for name in poison.COSTS if name in set(view.numbers.metric)]
        left, right = st.columns(2)
        with left:
            cost = widgets.one("size", "Visible change", costs, shown=vocabulary.label)
        with right:
            cloak = widgets.one("sized", "Cloak", aimed or controls)
        shown = [cloak, *controls[:1]] if aimed else [cloak]
        table = sizes.with_cost(gains[gains.family.isin(shown)], view.numbers, cost)
        names = {cloak: cloak, **{one: f"{one} (control)" for one in controls[:1] if one != cloak}}
        table = table.assign(line=table.family.map(names)).sort_values("cost", kind="stable")
        reverse = cost == "psnr"
        picture = charts.lines_beside(
            table, "cost", vocabulary.label(cost), "more searches that fail",
            list(names.values()), reverse, ("attack",),
        )  # fmt: skip
        said = (
            f"Searches that fail because of the cloak against {vocabulary.label(cost)}, by model."
        )
        name = f"poison-sizes-{safe_text.file_name(cloak)}-{cost}-{view.file}"
        elements.chart(picture, table, name, said)
        elements.folded(table, ["model", "attack", "cost"], name)
