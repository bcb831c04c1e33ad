"""Charts of pairs of pictures: their scores, the trade-off at all thresholds, two people."""

import altair as alt
import pandas as pd

from dashboard import number_text
from dashboard.charts.style import COLOURS, DASHES, GREY, model_scales, percent_axis

#: Lines of a legend, as thick as those in the chart.
STROKES = {"symbolOpacity": 1, "symbolStrokeWidth": 3}
#: The two kinds of pairs.
ONE_PERSON, TWO_PEOPLE = "two pictures of one person", "pictures of two people"


def score_histogram(table: pd.DataFrame, threshold: float) -> alt.LayerChart:
    """Return the `share` of pairs of each `kind` with scores from `low` to `high`; a threshold.

    The kinds differ in colour and in the dashes of their outline.
    """
    kinds = [ONE_PERSON, TWO_PEOPLE]
    ends = table.groupby("kind", sort=False).tail(1)
    ends = ends.assign(low=ends.high, share=0.0, count=0)  # else the last step has no end
    table = pd.concat([table, ends], ignore_index=True)
    legend = alt.Legend(
        title=None, orient="top", columns=1, labelLimit=260, symbolType="stroke", **STROKES
    )
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=kinds, range=[COLOURS[0], COLOURS[1]]), legend=legend
    )
    dash = alt.StrokeDash("kind:N", scale=alt.Scale(domain=kinds, range=DASHES[:2]), legend=None)
    domain = [float(table.low.min()), float(table.high.max())]
    scale = alt.Scale(domain=domain, nice=False)
    along = alt.X("low:Q", scale=scale, axis=alt.Axis(title="similarity"))
    y = alt.Y("share:Q", stack=None, axis=percent_axis("share of the pairs of each kind"))
    said = [
        alt.Tooltip("kind:N", title="Pairs"),
        alt.Tooltip("low:Q", title="Similarity from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
        alt.Tooltip("count:Q", title="How many", format=","),
    ]
    base = alt.Chart(table).encode(x=along, y=y, color=colour)
    areas = base.mark_area(interpolate="step-after", opacity=0.25).encode(tooltip=said)
    lines = base.mark_line(interpolate="step-after", strokeWidth=2).encode(strokeDash=dash)
    at = pd.DataFrame({"low": [threshold], "said": [f"threshold {threshold:.3f}"]})
    rule = alt.Chart(at).mark_rule(strokeWidth=2, color=GREY).encode(x=along)
    label = (
        alt.Chart(at)
        .mark_text(align="left", dx=5, color=GREY, fontSize=12)
        .encode(x=along, y=alt.value(8), text="said:N")
    )
    return alt.layer(areas, lines, rule, label).properties(height=280)


def trade_off(
    table: pd.DataFrame, point: tuple[float, float], det: bool, log: bool
) -> alt.LayerChart:
    """Return a line a `model` of `value` over `rate`, with its band, and where the threshold is.

    det: draw what is rejected instead of what is accepted, on the same scale as the rate.
    """
    if det:
        table = table.assign(
            value=1 - table.value, ci_low=1 - table.ci_high, ci_high=1 - table.ci_low
        )
        point = point[0], 1 - point[1]
    title = "pairs of one person rejected" if det else "pairs of one person accepted"
    table = table.assign(
        shown=[
            f"{number_text.percent(row.value)} {number_text.interval(row.ci_low, row.ci_high)}"
            for row in table.itertuples()
        ]
    )
    lowest = float(table.rate[table.rate > 0].min()) if len(table) else 1e-3
    if det and log:  # a logarithm has no 0
        table = table.assign(
            **{name: table[name].clip(lower=lowest) for name in ("value", "ci_low", "ci_high")}
        )
        point = point[0], max(point[1], lowest)
    colours, dashes = model_scales(table)
    legend = alt.Legend(title=None, orient="top", labelLimit=200, symbolType="stroke", **STROKES)
    x_scale = alt.Scale(type="log", nice=False) if log else alt.Scale(domain=[0, 1])
    y_scale = alt.Scale(type="log", domain=[lowest, 1]) if det and log else alt.Scale(domain=[0, 1])
    end = "%" if not log else "~p"
    x = alt.X(
        "rate:Q", scale=x_scale,
        axis=alt.Axis(title="pairs of two people accepted", format=end, tickCount=6),
    )  # fmt: skip
    y_axis = alt.Axis(title=title, format="~p", tickCount=6)
    colour = alt.Color("model:N", scale=colours, legend=legend)
    base = alt.Chart(table).encode(x=x, color=colour)
    band = base.mark_area(opacity=0.18).encode(
        y=alt.Y("ci_low:Q", scale=y_scale, axis=y_axis), y2="ci_high:Q"
    )
    line = base.mark_line(strokeWidth=2.2).encode(
        y=alt.Y("value:Q", scale=y_scale, axis=y_axis),
        strokeDash=alt.StrokeDash("model:N", scale=dashes, legend=None),
    )
    marks = base.mark_point(filled=True, size=30, opacity=1).encode(
        y="value:Q",
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("threshold:Q", title="Threshold", format=".3f"),
            alt.Tooltip("rate:Q", title="Two people, accepted", format=".3%"),
            alt.Tooltip("shown:N", title=title.capitalize()),
        ],
    )
    layers = [band, line, marks]
    if not log or point[0] >= lowest:
        at = pd.DataFrame({"rate": [point[0]], "value": [point[1]]})
        where = alt.Chart(at).mark_point(shape="cross", size=220, color=GREY, filled=True)
        layers.append(where.encode(x=x, y=alt.Y("value:Q", scale=y_scale, axis=y_axis)))
    return alt.layer(*layers).properties(height=340)


def similarities(table: pd.DataFrame) -> alt.LayerChart:
    """Return a cell for every two pictures (`row`, `column`): the darker, the more `similarity`."""
    order = list(dict.fromkeys([*table.row, *table.column]))
    low, high = float(table.similarity.min()), float(table.similarity.max())
    table = table.assign(
        cell=[f"{value:.2f}" for value in table.similarity],
        dark=table.similarity > low + 0.55 * (high - low),
    )
    axis = alt.Axis(labelAngle=0, labelOverlap=False, title=None)
    base = alt.Chart(table).encode(
        x=alt.X("column:N", sort=order, axis=alt.Axis(orient="top", **axis.to_dict())),
        y=alt.Y("row:N", sort=order, axis=axis),
        tooltip=[
            alt.Tooltip("row:N", title="Picture"),
            alt.Tooltip("column:N", title="and picture"),
            alt.Tooltip("similarity:Q", title="Similarity", format=".3f"),
        ],
    )
    scale = alt.Scale(scheme="blues", domain=[low, max(high, low + 1e-6)])
    cells = base.mark_rect(stroke=GREY, strokeWidth=0.4).encode(
        color=alt.Color("similarity:Q", scale=scale, legend=None)
    )
    text = base.mark_text(fontSize=12).encode(
        text="cell:N",
        color=alt.condition("datum.dark", alt.value("#FFFFFF"), alt.value("#1B2129")),
    )
    return alt.layer(cells, text).properties(height=32 * len(order) + 60)
