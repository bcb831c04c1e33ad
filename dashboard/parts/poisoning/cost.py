"""Visible cost: protection against how much a cloak changes a picture."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, vocabulary, widgets
from dashboard.data import poison, ranking
from dashboard.parts.poisoning.sizes import budget
from dashboard.view import View

#: What can go wrong with a cloak, as shares of the photographs.
FAILURES = ("failed_to_cloak", "unchanged", "face_lost")
#: Format of a column -> costs that have it.
FORMATS = {
    "%.4f": ("dssim", "lpips"),
    "%.1f": ("psnr", "linf", "l2"),
    "%.1f %%": FAILURES,
    "%.3f": ("face_moved",),
}
#: What is said of empty cells.
LACKING = "not measured; what became of faces is asked of attacks on whole photographs only."


def cost(view: View) -> None:
    """Show protection against visible cost, and every cost."""
    against_cost(view)
    budget(view)
    every_cost(view)


def against_cost(view: View) -> None:
    """Show protection by one model against a visible cost, a point an attack."""
    every = poison.experiments(view.numbers)
    threat = next(threat for threat in poison.THREATS if threat in set(every.threat))
    with elements.section(
        "Protection versus visible cost",
        "Further left: less visible. Higher: better protection. Best: top left. DSSIM is 0 for an"
        " unchanged picture and grows with the change of its structure; PSNR, in decibels, falls."
        " A line joins attacks whose names differ in a number at the end."
        f" Cloaked: {vocabulary.threat(threat)}.",
    ):
        left, right = st.columns(2)
        measured = [name for name in poison.COSTS if name in set(view.numbers.metric)]
        with left:
            kind = widgets.one("cost", "Visible cost", measured, shown=vocabulary.label)
        with right:
            known = ranking.best_first(view.dataset, view.crop, list(every.model.unique()))
            model = widgets.one("model", "Against the model", known)
        main = every[
            (every["at"] == "nearest") & (every.reencode == "none") & (every.threat == threat)
        ]
        chosen = main[(main.model == model) & (main.fraction == main.fraction.max())]
        table = poison.against_cost(view.numbers, chosen, kind)
        picture = charts.against_cost(table, vocabulary.label(kind), reverse=kind == "psnr")
        said = f"Searches that fail versus {vocabulary.label(kind)}, by attack."
        elements.chart(picture, table, f"poison-cost-{kind}-{model}-{view.file}", said)
        elements.folded(table, ["attack", "cost"], f"poison-cost-{kind}-{view.file}")


def every_cost(view: View) -> None:
    """Show all costs of every attack, and how each number was made."""
    with elements.section("Every cost"):
        table = poison.costs(view.numbers)
        for column in FAILURES:
            if column in table:
                table[column] *= 100
        columns = elements.format_columns(FORMATS)
        known = {name: column for name, column in columns.items() if name in table}
        elements.table(
            table, f"poison-costs-{view.file}", "Visible cost of each attack.", known, LACKING
        )
        with st.expander("How each number was made"):
            for name, metrics in (("paid", (*poison.COSTS, "face_moved")), ("failed", FAILURES)):
                rows = one_by_one(view.numbers, metrics)
                if len(rows):
                    elements.numbers_table(rows, ["attack", "said"], f"poison-{name}-{view.file}")


def one_by_one(found: pd.DataFrame, metrics: tuple[str, ...]) -> pd.DataFrame:
    """Return the numbers of some metrics as one row each, with the metric's name as `said`."""
    some = found[found.metric.isin(metrics) & (found.reencode == "none")]
    some = some.dropna(subset=["value"]).drop_duplicates(["attack", "metric"])
    return some.assign(said=some.metric.map(vocabulary.label))
