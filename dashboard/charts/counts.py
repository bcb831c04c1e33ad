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
    """Return horizontal bars, one a value of `y`, as long as `x`.

    On a logarithmic scale, where lengths mean nothing, points.
    """
    table = table[table[x] > 0] if log else table
    scale = alt.Scale(type="log", padding=20) if log else alt.Scale()
    chart = alt.Chart(table)
    drawn = (
        chart.mark_point(filled=True, size=90, opacity=1, color=COLOURS[0])
        if log
        else chart.mark_bar(color=COLOURS[0])
    )
    return drawn.encode(
        x=alt.X(f"{x}:Q", axis=alt.Axis(title=x_title, tickCount=6), scale=scale),
        y=alt.Y(f"{y}:N", sort="-x", title=None, axis=names_axis()),
        tooltip=[
            alt.Tooltip(f"{y}:N", title=vocabulary.label(y)),
            alt.Tooltip(f"{x}:Q", title=x_title, format=",.1f"),
        ],
    ).properties(height=26 * table[y].nunique() + 80)
