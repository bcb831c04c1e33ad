"""The chart of every model against every other."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard.charts.style import GREY, names_axis, tooltips


def who_beats_whom(table: pd.DataFrame, order: Sequence[str]) -> alt.LayerChart:
    """Return the matrix of `model_a` (rows) against `model_b` (columns).

    Colour and number are `difference` in percentage points; `beyond_chance` says where p is below
    0.05. Where it is not, the cell has no colour and no frame, and its number is in italics.
    """
    table = table.assign(
        points=table.difference * 100,
        cell=[f"{100 * d:+.1f}" for d in table.difference],
    )
    limit = float(max(1.0, table.points.abs().max()))
    strong = table.points.abs() > 0.55 * limit
    table = table.assign(ink=strong.map({True: "#FFFFFF", False: "#1B2129"}))
    axis = names_axis(labelAngle=-35, orient="top", title="is compared with")
    base = alt.Chart(table).encode(
        x=alt.X("model_b:N", sort=list(order), axis=axis),
        y=alt.Y("model_a:N", sort=list(order), title="This model", axis=names_axis()),
        tooltip=tooltips("model_a", "model_b", "said"),
    )
    # Blue is ahead, orange behind.
    scale = alt.Scale(scheme="blueorange", domain=[-limit, limit], reverse=True)
    # A frame, because a small difference that is sure has hardly a colour.
    sure = base.transform_filter("datum.beyond_chance").mark_rect(stroke=GREY, strokeWidth=1)
    cells = sure.encode(color=alt.Color("points:Q", scale=scale, legend=None))
    text = base.transform_filter("datum.beyond_chance").mark_text(fontSize=12)
    text = text.encode(text="cell:N", color=alt.Color("ink:N", scale=None))
    # In the colour of the page's text, which is as light or dark as the page isn't.
    unsure = base.transform_filter("!datum.beyond_chance").mark_text(
        fontSize=12, fontStyle="italic"
    )
    unsure = unsure.encode(text="cell:N")
    side = max(2, len(order))
    # The colours of text are no scale: shared, Vega-Lite would look for one.
    return (
        alt.layer(cells, text, unsure)
        .resolve_scale(color="independent")
        .properties(height=34 * side + 150)
    )
