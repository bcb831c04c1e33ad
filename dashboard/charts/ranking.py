"""Charts that rank models: against size, and one by one."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard import vocabulary
from dashboard.charts.style import (
    COLOURS,
    GREY,
    SHAPES,
    kind_colour,
    kind_shape,
    names_axis,
    percent_axis,
    tooltips,
    with_words,
)


def accuracy_against_size(table: pd.DataFrame, title: str) -> alt.LayerChart:
    """Return accuracy (`value`, `ci_low`, `ci_high`) against `parameters_m`, one point a `model`.

    Models without parameters are dashed lines.
    """
    table = with_words(table).assign(
        ci_low=table.ci_low.fillna(table.value), ci_high=table.ci_high.fillna(table.value)
    )
    sized = table[table.parameters_m > 0]
    floor = table[~(table.parameters_m > 0)]
    top = float(min(1, max([0.05, *table.ci_high.dropna()]) * 1.12))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=percent_axis(title))
    layers = []
    if len(floor):
        lines = alt.Chart(floor).encode(y=y, tooltip=tooltips("model", "kind", "shown"))
        layers += [
            lines.mark_rule(strokeDash=[5, 4], color=GREY, strokeWidth=1.5),
            lines.mark_text(align="left", baseline="bottom", dx=4, dy=-3, color=GREY).encode(
                x=alt.value(0), text="model:N"
            ),
        ]
    if len(sized):
        sizes = sized.parameters_m
        domain = [float(sizes.min()) / 2, float(sizes.max()) * 3]
        ticks = [tick for tick in _DECADES if domain[0] <= tick <= domain[1]]
        x = alt.X(
            "parameters_m:Q",
            scale=alt.Scale(type="log", domain=domain, nice=False),
            axis=alt.Axis(
                title="Size: million parameters (logarithmic)", values=ticks, format="~g"
            ),
        )
        points = alt.Chart(sized).encode(
            x=x, color=kind_colour(sized), tooltip=tooltips("model", "kind", "shown")
        )
        layers += [
            points.mark_rule(strokeWidth=2.5).encode(
                y=alt.Y("ci_low:Q", axis=percent_axis(title)), y2="ci_high:Q"
            ),
            points.mark_point(filled=True, size=110, opacity=1).encode(
                y=y, shape=kind_shape(sized)
            ),
            points.mark_text(align="left", dx=9, dy=-7, fontSize=12).encode(y=y, text="model:N"),
        ]
    return alt.layer(*layers).properties(height=340)


_DECADES = [step * 10.0**power for power in range(-2, 5) for step in (1, 2, 5)]


def intervals(
    table: pd.DataFrame,
    title: str,
    order: Sequence[str],
    row: str = "model",
    chance: float | None = None,
    most: float | None = None,
) -> alt.LayerChart:
    """Return one row a `model` (or another column): value as a point, interval as a bar.

    `chance` is a dashed line; the axis ends at `most`, or where the intervals do.
    """
    table = with_words(table)
    y = alt.Y(f"{row}:N", sort=list(order), title=None, axis=names_axis())
    base = alt.Chart(table).encode(
        y=y, color=kind_colour(table), tooltip=tooltips(row, "kind", "shown")
    )
    scale = alt.Scale(zero=True, nice=True) if most is None else alt.Scale(domain=[0, most])
    x = alt.X("value:Q", scale=scale, axis=percent_axis(title))
    layers = [
        base.mark_rule(strokeWidth=3).encode(
            x=alt.X("ci_low:Q", axis=percent_axis(title)), x2="ci_high:Q"
        ),
        base.mark_point(filled=True, size=90, opacity=1).encode(x=x, shape=kind_shape(table)),
    ]
    if chance is not None and chance == chance:
        line = alt.Chart(pd.DataFrame({"value": [chance]}))
        layers.append(line.mark_rule(strokeDash=[5, 4], color=GREY).encode(x="value:Q"))
    return alt.layer(*layers).properties(height=28 * table[row].nunique() + 130)


def grouped(
    table: pd.DataFrame, by: str, order: Sequence[str], title: str, zero: bool = True
) -> alt.LayerChart:
    """Return one row a `model`, in it a point and an interval for each value of `by`."""
    table = with_words(table)
    values = list(dict.fromkeys(table[by].astype(str)))
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(values))]
    shapes = [SHAPES[i % len(SHAPES)] for i in range(len(values))]
    legend = alt.Legend(title=None, orient="top", columns=2, labelLimit=300)
    heading = vocabulary.label(by)
    base = alt.Chart(table).encode(
        y=alt.Y("model:N", sort=list(order), title=None, axis=names_axis(grid=True)),
        yOffset=alt.YOffset(f"{by}:N", sort=values),
        color=alt.Color(f"{by}:N", scale=alt.Scale(domain=values, range=colours), legend=legend),
        tooltip=tooltips("model", "shown") + [alt.Tooltip(f"{by}:N", title=heading)],
    )
    shape = alt.Shape(f"{by}:N", scale=alt.Scale(domain=values, range=shapes), legend=legend)
    scale = alt.Scale(zero=zero)
    layers = alt.layer(
        base.mark_rule(strokeWidth=2.5).encode(
            x=alt.X("ci_low:Q", axis=percent_axis(title), scale=scale), x2="ci_high:Q"
        ),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            x=alt.X("value:Q", axis=percent_axis(title), scale=scale), shape=shape
        ),
    )
    rows = table.model.nunique() * max(2, len(values))
    return layers.properties(height=14 * rows + 130)
