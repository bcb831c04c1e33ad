"""What charts share: colours, shapes, axes, tooltips."""

import altair as alt
import pandas as pd

from dashboard import number_text, vocabulary
from facebench.models import FAMILIES
from facebench.report.palette import COLOURS, of_models

#: What the colours of models say, on every page.
HUES_SAID = "Cold colours: CLIPs; warm: models made for faces; grey: controls."
#: Colours of values that have an order, from the first to the last: one hue, darker and darker.
RAMP = ["#359AE2", "#1F8AD7", "#1C7EC3", "#1A73B4", "#186BA6"]
#: A kind of model keeps its shape on every page.
KINDS = [*dict.fromkeys(family.kind for family in FAMILIES.values()), vocabulary.UNKNOWN_KIND]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]
GREY = "#8C8C8C"
#: Pixels of a row of a legend.
LEGEND_ROW = 22


def with_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers with `shown`: each value and its interval as people write them."""
    shown = [
        number_text.number(row.metric, row.value, row.ci_low, row.ci_high)
        for row in table.itertuples()
    ]
    return table.assign(shown=shown)


def _kinds(table: pd.DataFrame) -> dict[str, int]:
    """Return the kinds of models in a table, each with its place among all kinds."""
    every = dict.fromkeys([*KINDS, *table.kind])
    return {kind: place for place, kind in enumerate(every) if kind in set(table.kind)}


def with_colours(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with each model's `colour`, and its `place` among the study's models.

    They come with the table where it was joined with the models: filters change neither.
    """
    if "colour" in table and "place" in table:
        return table
    kinds = table["kind"] if "kind" in table else pd.Series("", table.index)
    first = dict(zip(table.model[::-1], kinds[::-1], strict=True))
    names = {name: first[name] for name in table.model}
    places = {name: place for place, name in enumerate(names)}
    colours = of_models(names.items())
    return table.assign(colour=table.model.map(colours), place=table.model.map(places))


def own_colour() -> alt.Color:
    """Return the colour of each row's model, where names stand beside the points."""
    return alt.Color("colour:N", scale=None)


def model_scales(table: pd.DataFrame) -> tuple[alt.Scale, alt.Scale]:
    """Return the colour and the dashes of each `model` of a table, for lines with a legend."""
    models = with_colours(table).drop_duplicates("model")
    dashes = [DASHES[int(place) % len(DASHES)] for place in models.place]
    return (
        alt.Scale(domain=list(models.model), range=list(models.colour)),
        alt.Scale(domain=list(models.model), range=dashes),
    )


def kind_shape(table: pd.DataFrame) -> alt.Shape:
    """Return the shape of each kind of model that is in a table."""
    present = _kinds(table)
    shapes = [SHAPES[kind % len(SHAPES)] for kind in present.values()]
    return alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=list(present), range=shapes),
        legend=None,
    )


def tooltips(*columns: str) -> list[alt.Tooltip]:
    """Return the lines of a tooltip: these columns, under readable titles."""
    titles = {"shown": "Value", "kind": "Kind", "model": "Model"}
    return [alt.Tooltip(f"{c}:N", title=titles.get(c, vocabulary.label(c))) for c in columns]


def names_axis(**more) -> alt.Axis:
    """Return an axis of names, none of which is left out or cut short."""
    return alt.Axis(labelLimit=240, labelOverlap=False, **more)


def percent_axis(title: str, **more) -> alt.Axis:
    """Return an axis of shares."""
    return alt.Axis(title=title, labelExpr=PERCENT, tickCount=6, **more)


#: How an axis writes a share: as texts do.
PERCENT = "format(100 * datum.value, '~g') + ' %'"


def ordered_colours(values: list[str], ordinal: bool) -> list[str]:
    """Return a colour for each value: of one hue where they have an order."""
    if ordinal and len(values) > 1:
        steps = [round(i * (len(RAMP) - 1) / (len(values) - 1)) for i in range(len(values))]
        return [RAMP[step] for step in steps]
    return [COLOURS[i % len(COLOURS)] for i in range(len(values))]
