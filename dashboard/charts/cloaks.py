"""Charts of attacks: heat maps, visible cost, transfer, before and after."""

import altair as alt
import pandas as pd

from dashboard import number_text
from dashboard.charts.style import (
    COLOURS,
    GREY,
    LEGEND_ROW,
    SHAPES,
    names_axis,
    percent_axis,
    tooltips,
    with_words,
)

#: Most columns of a heat map that are legible on a narrow screen.
COLUMNS = 6


def heat(table: pd.DataFrame, x: str, y: str) -> alt.LayerChart:
    """Return a cell for each pair of values of `x` and `y`: the darker, the larger.

    Long lists become rows: a narrow screen has more height than width.
    """
    if table[x].nunique() > max(COLUMNS, table[y].nunique()):
        x, y = y, x
    table = with_words(table).assign(
        cell=[number_text.percent(value, 0) for value in table.value], dark=table.value > 0.55
    )
    top = alt.Axis(labelAngle=-30, labelLimit=180, orient="top", title=None, labelOverlap=False)
    base = alt.Chart(table).encode(
        x=alt.X(f"{x}:N", sort=list(dict.fromkeys(table[x])), axis=top),
        y=alt.Y(f"{y}:N", sort=list(dict.fromkeys(table[y])), title=None, axis=names_axis()),
        tooltip=tooltips(y, x, "shown"),
    )
    scale = alt.Scale(scheme="blues", domain=[0, 1])
    cells = base.mark_rect(stroke=GREY, strokeWidth=0.4).encode(
        color=alt.Color("value:Q", scale=scale, legend=None)
    )
    text = base.mark_text(fontSize=13).encode(
        text="cell:N",
        color=alt.condition("datum.dark", alt.value("#FFFFFF"), alt.value("#1B2129")),
    )
    return alt.layer(cells, text).properties(height=34 * table[y].nunique() + 110)


def against_cost(table: pd.DataFrame, title: str, reverse: bool) -> alt.LayerChart:
    """Return protection (`value`) against `cost`, a point an `attack` with its interval.

    Attacks of one `family` have one colour, and a line through them by cost.
    """
    table = with_words(table)
    table["in_line"] = several = table.groupby("family").attack.transform("nunique") > 1
    table["shown_as"] = table.family.where(several, table.attack)
    # No picture changes by less than nothing. A large PSNR is a small change.
    scale = (
        alt.Scale(zero=False, reverse=True, padding=30)
        if reverse
        else alt.Scale(domain=[0, 1.1 * float(table.cost.max()) or 1])
    )
    x = alt.X(
        "cost:Q",
        scale=scale,
        axis=alt.Axis(title=title, tickCount=6),
    )
    # Attacks of one kind have similar costs, so that names at the points would overlap.
    attacks = list(dict.fromkeys(table.shown_as))
    legend = alt.Legend(title=None, orient="top", columns=2, labelLimit=300)
    colours = alt.Scale(
        domain=attacks, range=[COLOURS[i % len(COLOURS)] for i in range(len(attacks))]
    )
    shapes = alt.Scale(domain=attacks, range=[SHAPES[i % len(SHAPES)] for i in range(len(attacks))])
    base = alt.Chart(table).encode(
        x=x,
        color=alt.Color("shown_as:N", scale=colours, legend=legend),
        tooltip=tooltips("attack", "shown"),
    )
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis("searches that fail"))
    lines = base.transform_filter("datum.in_line").mark_line(strokeWidth=2)
    return alt.layer(
        lines.encode(y=y, order="cost:Q"),
        base.mark_rule(strokeWidth=2.5).encode(
            y=alt.Y("ci_low:Q", axis=percent_axis("searches that fail")), y2="ci_high:Q"
        ),
        base.mark_point(filled=True, size=100, opacity=1).encode(
            y=y, shape=alt.Shape("shown_as:N", scale=shapes, legend=legend)
        ),
    ).properties(height=310 + LEGEND_ROW * -(-len(attacks) // 2))


def transfer(table: pd.DataFrame) -> alt.LayerChart:
    """Return the matrix of attacks and victims: `gain` in points, framed where `made_on`."""
    table = table.assign(
        points=100 * table.gain,
        cell=[f"{100 * gain:+.0f}" for gain in table.gain],
        shown=[
            f"{100 * g:+.1f} points {number_text.interval(a, b)}"
            for g, a, b in zip(table.gain, table.ci_low, table.ci_high, strict=True)
        ],
        strong=table.gain.abs() > 0.55,
    )
    top = alt.Axis(labelAngle=-30, labelLimit=220, orient="top", title=None, labelOverlap=False)
    base = alt.Chart(table).encode(
        x=alt.X("attack:N", sort=list(dict.fromkeys(table.attack)), axis=top),
        y=alt.Y("victim:N", sort=list(dict.fromkeys(table.victim)), title=None, axis=names_axis()),
        tooltip=tooltips("attack", "victim", "shown"),
    )
    scale = alt.Scale(scheme="blueorange", domain=[-100, 100], reverse=True)
    cells = base.mark_rect(stroke=GREY, strokeWidth=0.4).encode(
        color=alt.Color("points:Q", scale=scale, legend=None)
    )
    framed = base.transform_filter("datum.made_on").mark_rect(
        fillOpacity=0, stroke=COLOURS[1], strokeWidth=3
    )
    text = base.mark_text(fontSize=13).encode(
        text="cell:N",
        color=alt.condition("datum.strong", alt.value("#FFFFFF"), alt.value("#1B2129")),
    )
    return alt.layer(cells, framed, text).properties(height=34 * table.victim.nunique() + 120)


def before_after(table: pd.DataFrame) -> alt.LayerChart:
    """Return one row a `model`: the share of `searches` that succeed without and with the cloak.

    The line between the two is the effect of the cloak.
    """
    table = table.assign(
        before=table.found_clean / table.searches,
        after=table.found / table.searches,
        said=[
            f"{r.found_clean} of {r.searches} without, {r.found} with;"
            f" p {number_text.p_value(r.p_corrected)}"
            for r in table.itertuples()
        ],
    )
    long = pd.concat(
        [
            table.assign(share=table.before, cloak="without the cloak"),
            table.assign(share=table.after, cloak="with the cloak"),
        ]
    )
    order = list(table.sort_values("before", ascending=False).model)
    y = alt.Y("model:N", sort=order, title=None, axis=names_axis())
    scale = alt.Scale(domain=[0, 1])
    tooltip = [alt.Tooltip("model:N", title="Model"), alt.Tooltip("said:N", title="Found")]
    names = ["without the cloak", "with the cloak"]
    legend = alt.Legend(title=None, orient="top")
    colour = alt.Color("cloak:N", scale=alt.Scale(domain=names, range=COLOURS[:2]), legend=legend)
    shape = alt.Shape("cloak:N", scale=alt.Scale(domain=names, range=SHAPES[:2]), legend=legend)
    axis = percent_axis("searches that find this person")
    lines = alt.Chart(table).mark_rule(strokeWidth=2, color=GREY)
    points = alt.Chart(long).mark_point(filled=True, size=110, opacity=1)
    return alt.layer(
        lines.encode(y=y, x=alt.X("before:Q", scale=scale, axis=axis), x2="after:Q"),
        points.encode(
            y=y, x=alt.X("share:Q", scale=scale), color=colour, shape=shape, tooltip=tooltip
        ),
    ).properties(height=30 * len(order) + 120)
