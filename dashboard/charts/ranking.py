"""Charts that rank models: against size, and one by one."""

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard import vocabulary
from dashboard.charts.style import (
    GREY,
    LEGEND_ROW,
    SHAPES,
    kind_shape,
    names_axis,
    ordered_colours,
    own_colour,
    percent_axis,
    tooltips,
    with_colours,
    with_words,
)
from facebench.report.labels import heights


def accuracy_against_size(table: pd.DataFrame, title: str) -> alt.LayerChart:
    """Return accuracy (`value`, `ci_low`, `ci_high`) against `parameters_m`, one point a `model`.

    Models without parameters are dashed lines.
    """
    table = with_words(with_colours(table)).assign(
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
            lines.mark_text(align="left", baseline="bottom", dx=4, dy=-3).encode(
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
        sized = sized.assign(label=_labels(sized, domain, list(floor.value), top))
        points = alt.Chart(sized).encode(x=x, tooltip=tooltips("model", "kind", "shown"))
        layers += [
            points.mark_rule(strokeWidth=2.5).encode(
                y=alt.Y("ci_low:Q", axis=percent_axis(title)), y2="ci_high:Q", color=own_colour()
            ),
            points.mark_point(filled=True, size=110, opacity=1).encode(
                y=y, shape=kind_shape(sized), color=own_colour()
            ),
            points.mark_text(align="left", dx=9, fontSize=12).encode(y="label:Q", text="model:N"),
        ]
    return alt.layer(*layers).properties(height=340)


def _labels(
    sized: pd.DataFrame, domain: list[float], lines: list[float], top: float
) -> list[float]:
    """Return how high the name of each point stands; above the picture's end, below its point."""
    scale = WIDTH / math.log(domain[1] / domain[0])
    left = [scale * math.log(size / domain[0]) for size in sized.parameters_m]
    names = [
        (start, start + LETTER * len(str(name)), float(value))
        for start, name, value in zip(left, sized.model, sized.value, strict=True)
    ]
    tall = top * LINE / HEIGHT
    return [min(high, top - tall / 2) for high in heights(names, tall, lines)]


#: Pixels: of a picture on a narrow screen, of a letter, of a line of text, of a picture's height.
WIDTH, LETTER, LINE, HEIGHT = 420, 6.5, 15, 290
#: Letters of a name that has room beside another one in a legend on a phone.
SHORT = 18
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
    table = with_words(with_colours(table))
    y = alt.Y(f"{row}:N", sort=list(order), title=None, axis=names_axis())
    base = alt.Chart(table).encode(y=y, color=own_colour(), tooltip=tooltips(row, "kind", "shown"))
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
    return alt.layer(*layers).properties(height=28 * table[row].nunique() + 80)


def grouped(
    table: pd.DataFrame,
    by: str,
    order: Sequence[str],
    title: str,
    zero: bool = True,
    ordinal: bool = False,
) -> alt.LayerChart:
    """Return one row a `model`, in it a point and an interval for each value of `by`.

    ordinal: the values, in the order of the rows, have an order.
    """
    table = with_words(table)
    values = list(dict.fromkeys(table[by].astype(str)))
    colours = ordered_colours(values, ordinal)
    shapes = [SHAPES[i % len(SHAPES)] for i in range(len(values))]
    # Two long names beside each other are wider than a phone.
    columns = 2 if max(map(len, values)) <= SHORT else 1
    legend = alt.Legend(title=None, orient="top", columns=columns, labelLimit=300)
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
    return layers.properties(height=14 * rows + 90 + LEGEND_ROW * -(-len(values) // columns))
