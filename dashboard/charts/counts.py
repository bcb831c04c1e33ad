"""Charts of amounts: bars."""

import altair as alt
import pandas as pd

from dashboard import vocabulary
from dashboard.charts.style import COLOURS, names_axis


def share_histogram(table: pd.DataFrame, title: str) -> alt.Chart:
    """Return how many people (`count`) were found in how many of their searches (`band`)."""
    x = alt.X(
        "band:N", sort=list(dict.fromkeys(table.band)), axis=alt.Axis(title=title, labelAngle=0)
    )
    return (
        alt.Chart(table)
        .mark_bar(color=COLOURS[0])
        .encode(
            x=x,
            y=alt.Y("count:Q", axis=alt.Axis(title="People", tickMinStep=1)),
            tooltip=[alt.Tooltip("band:N", title=title), alt.Tooltip("count:Q", title="People")],
        )
        .properties(height=240)
    )


def bars(table: pd.DataFrame, x: str, y: str, x_title: str, log: bool = False) -> alt.Chart:
    """Return horizontal bars, one a value of `y`, as long as `x`."""
    return (
        alt.Chart(table)
        .mark_bar(color=COLOURS[0])
        .encode(
            x=alt.X(
                f"{x}:Q",
                axis=alt.Axis(title=x_title, tickCount=6),
                scale=alt.Scale(type="symlog") if log else alt.Scale(),
            ),
            y=alt.Y(f"{y}:N", sort="-x", title=None, axis=names_axis()),
            tooltip=[
                alt.Tooltip(f"{y}:N", title=vocabulary.label(y)),
                alt.Tooltip(f"{x}:Q", title=x_title, format=",.1f"),
            ],
        )
        .properties(height=26 * table[y].nunique() + 80)
    )
