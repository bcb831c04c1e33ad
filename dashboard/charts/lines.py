"""Charts of lines: one a model, with its interval as a band."""

import altair as alt
import pandas as pd

from dashboard.charts.style import (
    LEGEND_ROW,
    model_scales,
    percent_axis,
    tooltips,
    with_colours,
    with_words,
)

#: More points than this in one line cannot be distinguished on a screen.
LONGEST = 200


def thinned(table: pd.DataFrame, by: str, longest: int = LONGEST) -> pd.DataFrame:
    """Return at most `longest` rows for each value of the column `by`: evenly, with both ends."""
    parts = []
    for _, part in table.groupby(by, sort=False):
        step = max(1, -(-len(part) // longest))
        kept = part.iloc[::step]
        parts.append(kept if kept.index[-1] == part.index[-1] else pd.concat([kept, part.tail(1)]))
    return pd.concat(parts) if parts else table


def curves(
    table: pd.DataFrame,
    x: str,
    x_title: str,
    y_title: str,
    log: bool = False,
    marks: bool = True,
    x_format: str = "~g",
) -> alt.LayerChart:
    """Return one line a `model` of `value` over the column `x`, with its interval as a band."""
    table = with_words(with_colours(table))
    colours, dashes = model_scales(table)
    legend = alt.Legend(
        title=None, orient="top", columns=3, labelLimit=180, symbolType="stroke", symbolOpacity=1,
        symbolStrokeWidth=3,
    )  # fmt: skip
    colour = alt.Color("model:N", scale=colours, legend=legend)
    dash = alt.StrokeDash("model:N", scale=dashes, legend=None)
    positive = table[table[x] > 0] if log else table
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(nice=False, zero=False)
    along = alt.X(f"{x}:Q", scale=scale, axis=alt.Axis(title=x_title, format=x_format, tickCount=6))
    base = alt.Chart(positive).encode(x=along, color=colour)
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(y_title))
    layers = []
    banded = positive.dropna(subset=["ci_low", "ci_high"])
    if len(banded):
        layers.append(
            alt.Chart(banded)
            .mark_area(opacity=0.16)
            .encode(
                x=along,
                y=alt.Y("ci_low:Q", axis=percent_axis(y_title)),
                y2="ci_high:Q",
                color=colour,
            )
        )
        layers.append(
            alt.Chart(banded)
            .mark_rule(strokeWidth=1.5, opacity=0.6)
            .encode(x=along, y="ci_low:Q", y2="ci_high:Q", color=colour)
        )
    layers.append(base.mark_line(strokeWidth=2.2).encode(y=y, strokeDash=dash))
    if marks:
        layers.append(
            base.mark_point(filled=True, size=45, opacity=1).encode(
                y=y, tooltip=tooltips("model", x, "shown")
            )
        )
    return alt.layer(*layers).properties(height=_height(table))


def _height(table: pd.DataFrame) -> int:
    """Return the height of a chart, with room for its legend."""
    return 310 + LEGEND_ROW * -(-table.model.nunique() // 3)


def alarms(drawn: pd.DataFrame, measured: pd.DataFrame) -> alt.LayerChart:
    """Return misses (`value`) against the `rate` of alarms: curves, and numbers on them."""
    drawn = with_colours(drawn)
    models = list(dict.fromkeys(drawn.model))
    empty = drawn.assign(ci_low=float("nan"), ci_high=float("nan"), metric="fnir")
    title = "false alarm rate among strangers (logarithmic)"
    lines = curves(empty, "rate", title, "missed", log=True, marks=False)
    measured = measured[measured.model.isin(models)]
    if measured.empty:
        return lines
    scale, _ = model_scales(drawn)
    points = alt.Chart(with_words(measured)).encode(
        x=alt.X("rate:Q", scale=alt.Scale(type="log", nice=False)),
        color=alt.Color("model:N", scale=scale),
        tooltip=tooltips("model", "rate", "shown"),
    )
    marks = points.mark_point(filled=True, size=50, opacity=1).encode(y="value:Q")
    rules = points.mark_rule(strokeWidth=2).encode(y="ci_low:Q", y2="ci_high:Q")
    # Layers of a layered chart have their data in the chart itself.
    drawn_lines = [layer.properties(data=lines.data) for layer in lines.layer]
    return alt.layer(*drawn_lines, rules, marks).properties(height=_height(drawn))
