"""Charts of lines of which some are controls or a baseline: one line a model, those dashed."""

import altair as alt
import pandas as pd

from dashboard.charts.style import (
    LEGEND_ROW,
    SHAPES,
    model_scales,
    percent_axis,
    tooltips,
    with_colours,
    with_words,
)


def lines_beside(
    table: pd.DataFrame,
    x: str,
    x_title: str,
    y_title: str,
    kinds: list[str],
    reverse: bool = False,
    told: tuple[str, ...] = (),
    log: bool = False,
) -> alt.LayerChart:
    """Return one line a `model` and `line` of `value` over `x`, with its intervals.

    kinds: what `line` may be: the first is drawn whole, the second dashed. told: columns of the
    tooltip besides. log: whether `x` is on a logarithmic scale.
    """
    table = with_words(with_colours(table)).dropna(subset=["value"])
    colours, _ = model_scales(table)
    models = list(colours.domain)
    shapes = alt.Scale(domain=models, range=[SHAPES[i % len(SHAPES)] for i in range(len(models))])
    legend = alt.Legend(title=None, orient="top", columns=3, labelLimit=180)
    stroke = alt.Legend(
        title=None, orient="bottom", columns=1, labelLimit=330, symbolType="stroke", symbolSize=500,
        symbolStrokeWidth=2.5,
    )  # fmt: skip
    dashes = alt.StrokeDash(
        "line:N", scale=alt.Scale(domain=kinds, range=[[1, 0], [5, 4]]), legend=stroke
    )
    scale = alt.Scale(reverse=reverse, zero=not reverse, nice=False, padding=15)
    if log:
        scale = alt.Scale(type="log", nice=False, padding=15)
    low = min(0.0, float(table.ci_low.min()) if table.ci_low.notna().any() else 0.0)
    top = float(max(table.ci_high.max(), table.value.max(), 0.05))
    y_scale = alt.Scale(domain=[low, min(1.0, 1.05 * top)], nice=False)
    axis = percent_axis(y_title)
    base = alt.Chart(table).encode(
        x=alt.X(
            f"{x}:Q",
            scale=scale,
            axis=alt.Axis(title=x_title, tickCount=6, format="~s" if log else "~r"),
        ),
        color=alt.Color("model:N", scale=colours, legend=legend),
    )
    y = alt.Y("value:Q", scale=y_scale, axis=axis)
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        y=y,
        shape=alt.Shape("model:N", scale=shapes, legend=legend),
        tooltip=tooltips("model", "line", x, "shown", *told),
    )
    return alt.layer(
        base.mark_line(strokeWidth=2.2).encode(y=y, strokeDash=dashes, detail="line:N"),
        base.mark_rule(strokeWidth=1.8, opacity=0.7).encode(
            y=alt.Y("ci_low:Q", scale=y_scale, axis=axis), y2="ci_high:Q"
        ),
        points,
    ).properties(height=330 + LEGEND_ROW * (-(-len(models) // 3) + len(kinds)))
