"""What charts have in common: colours, shapes, axes, tooltips."""

import altair as alt
import pandas as pd

from dashboard import words

#: Okabe and Ito's colours, without black, which a dark page would hide.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C"]
#: A kind of model keeps its colour and its shape on every page.
KINDS = ["CLIP", "made for faces", "untrained CLIP", "raw pixels", words.UNKNOWN_KIND]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]
GREY = "#8C8C8C"


def with_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers with `shown`: each value and its interval as people write them."""
    shown = [
        words.number(row.metric, row.value, row.ci_low, row.ci_high) for row in table.itertuples()
    ]
    return table.assign(shown=shown)


def kind_colour(table: pd.DataFrame) -> alt.Color:
    """Return the colour of each kind of model that is in a table."""
    present = [kind for kind in KINDS if kind in set(table.kind)]
    colours = [COLOURS[KINDS.index(kind)] for kind in present]
    return alt.Color(
        "kind:N",
        scale=alt.Scale(domain=present, range=colours),
        legend=alt.Legend(title=None, orient="top", columns=2),
    )


def kind_shape(table: pd.DataFrame) -> alt.Shape:
    """Return the shape of each kind of model that is in a table."""
    present = [kind for kind in KINDS if kind in set(table.kind)]
    shapes = [SHAPES[KINDS.index(kind)] for kind in present]
    return alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=present, range=shapes),
        legend=alt.Legend(title=None, orient="top", columns=2),
    )


def tooltips(*columns: str) -> list[alt.Tooltip]:
    """Return what is told of a mark: these columns, under readable titles."""
    titles = {"shown": "Value", "kind": "Kind", "model": "Model"}
    return [alt.Tooltip(f"{c}:N", title=titles.get(c, words.label(c))) for c in columns]


def names_axis(**more) -> alt.Axis:
    """Return an axis of names, none of which is left out or cut short."""
    return alt.Axis(labelLimit=240, labelOverlap=False, **more)


def percent_axis(title: str, **more) -> alt.Axis:
    """Return an axis of shares."""
    return alt.Axis(title=title, format="~%", tickCount=6, **more)
