"""What charts share: colours, shapes, axes, tooltips."""

import altair as alt
import pandas as pd

from dashboard import number_text, vocabulary
from facebench.models import FAMILIES

#: Okabe and Ito's colours, without black, which is invisible on a dark page.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C"]
#: A kind of model keeps its colour and its shape on every page.
KINDS = [*dict.fromkeys(family.kind for family in FAMILIES.values()), vocabulary.UNKNOWN_KIND]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]
GREY = "#8C8C8C"


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


def kind_colour(table: pd.DataFrame) -> alt.Color:
    """Return the colour of each kind of model that is in a table."""
    present = _kinds(table)
    colours = [COLOURS[kind % len(COLOURS)] for kind in present.values()]
    return alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(present), range=colours),
        legend=alt.Legend(title=None, orient="top", columns=2),
    )


def kind_shape(table: pd.DataFrame) -> alt.Shape:
    """Return the shape of each kind of model that is in a table."""
    present = _kinds(table)
    shapes = [SHAPES[kind % len(SHAPES)] for kind in present.values()]
    return alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=list(present), range=shapes),
        legend=alt.Legend(title=None, orient="top", columns=2),
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
    return alt.Axis(title=title, format="~%", tickCount=6, **more)
