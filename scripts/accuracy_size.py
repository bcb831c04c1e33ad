"""Draw rank-1 identification against the size of the model, one point a set of weights."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from facebench.logs import log_to
from facebench.report.headlines import RANK_1, rows
from facebench.report.labels import heights
from facebench.report.palette import of_models
from facebench.store.damage import read_json
from facebench.store.tables import read_table
from facebench.texts import one_line
from facebench.timing import loading

#: A panel in pixels; the width of a letter in pixels, and the height of a name as a share of one.
WIDTH, HEIGHT = 250, 220
LETTER, LINE = 6.5, 13 / HEIGHT


def points(metrics: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """Return one row a (data set, crop, model): size in millions of parameters, rank-1, interval.

    Each model has the `colour` that it has on the pages of the dashboard.

    Models without parameters (raw pixels) have no size and are drawn as a line.
    """
    facts = [read_json(path) for path in models]
    sizes = pd.DataFrame(
        {
            "model": [fact["model"] for fact in facts],
            "kind": [fact.get("kind", "") for fact in facts],
            "parameters": [fact.get("parameters_m") or None for fact in facts],
        }
    )
    colours = of_models(zip(sizes.model, sizes.kind, strict=True))
    found = rows(metrics, RANK_1).merge(sizes.assign(colour=sizes.model.map(colours)), on="model")
    names = {name: found[name].map(one_line) for name in ("dataset", "crop", "model", "kind")}
    return found.assign(**names)


def span(sizes: pd.Series) -> list[float]:
    """Return the sizes at the ends of the axis: 0.4 of it, on the right, are for the last name."""
    low, high = min([1, *sizes / 2]), max([10, *sizes])
    return [low, high * (high / low) ** (0.4 / 0.6)]


def labels(table: pd.DataFrame, domain: Sequence[float]) -> pd.Series:
    """Return how high each model's name stands: over its point, and over names in its way."""
    places = pd.Series(np.nan, table.index)
    scale = WIDTH / math.log(domain[1] / domain[0])
    for _, every in table.groupby("panel"):
        panel = every.dropna(subset="parameters").sort_values(["value", "parameters"])
        left = scale * np.log(panel.parameters.astype(float) / domain[0])
        right = left + LETTER * panel.model.str.len()
        lines = every.value[every.parameters.isna()].dropna()
        names = list(zip(left, right, panel.value.astype(float), strict=True))
        places.loc[panel.index] = np.array(heights(names, LINE, list(lines)), float)
    return places


def chart(table: pd.DataFrame):
    """Return the picture: a panel a data set and crop, a point a model, its interval as a bar."""
    with loading():
        import altair as alt

    axis = alt.Axis(
        labelExpr="format(100 * datum.value, '~g') + ' %'",
        title="rank-1 identification",
        tickCount=5,
    )
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
    sizes = table.parameters.dropna().astype(float)
    domain = span(sizes)
    table = table.assign(label=labels(table, domain))
    scale = alt.Scale(type="log", domain=domain, nice=False)
    ticks = alt.Axis(values=[0.1, 1, 10, 100, 1000], format=",", title="million parameters")
    x = alt.X("parameters:Q", scale=scale, axis=ticks)
    # Names stand at the points, so that colours need no legend.
    colour = alt.Color("colour:N", scale=None)
    sized = alt.Chart().transform_filter("isValid(datum.parameters)").encode(x=x)
    floor = alt.Chart().transform_filter("!isValid(datum.parameters)").encode(y=y)
    layers = [
        floor.mark_rule(strokeDash=[4, 3], color="#555"),
        floor.mark_text(align="left", dx=4, dy=-6).encode(x=alt.value(0), text="model:N"),
    ]
    if len(sizes):  # Vega-Lite can't lay out panels around an empty layer.
        layers += [
            sized.mark_rule(strokeWidth=2).encode(
                y=alt.Y("ci_low:Q"), y2="ci_high:Q", color=colour
            ),
            sized.mark_point(filled=True, size=70, opacity=1).encode(y=y, color=colour),
            sized.mark_text(align="left", dx=5).encode(y="label:Q", text="model:N"),
        ]
    panel = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    title = alt.TitleParams(
        "Rank-1 identification against the size of the model",
        subtitle=[
            "Bars: intervals over people, one training each. Dashed: no parameters.",
            "Cold colours: CLIPs. Warm: models made for faces. Grey: controls.",
        ],
        anchor="start",
    )
    # `data` once, above the panels: a layer with data of its own would be drawn whole in each.
    return (
        panel.facet(
            facet=alt.Facet("panel:N", title=None, sort=list(table.panel.unique())),
            columns=3,
            data=table,
            title=title,
        )
        .configure(font="sans-serif")
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
    )


def note(sentence: str):
    """Return a picture of one sentence."""
    with loading():
        import altair as alt

    table = pd.DataFrame({"text": [sentence]})
    return alt.Chart(table).mark_text(fontSize=14).encode(text="text:N")


def main(metrics, models, svg, png):
    """Write the picture as SVG and PNG."""
    table = points(read_table(metrics), models)
    table["panel"] = table.dataset + ", " + table.crop
    picture = chart(table) if len(table) else note("No rank-1 identification in this study.")
    picture.save(svg)
    picture.save(png, scale_factor=2)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        metrics=snakemake.input.metrics,
        models=snakemake.input.models,
        svg=snakemake.output.svg,
        png=snakemake.output.png,
    )
