"""Charts: a table in, an Altair chart out. No Streamlit, no files, no state.

Shares are 0 to 1 in the tables and per cent on the axes. Kinds of models differ in colour and in
shape; intervals are drawn wherever there are any.
"""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import words

#: Okabe and Ito's colours, without black, which a dark page would hide.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C"]
#: A kind of model keeps its colour and its shape on every page.
KINDS = ["CLIP", "made for faces", "untrained CLIP", "raw pixels", words.UNKNOWN_KIND]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]
GREY = "#8C8C8C"

#: More points than this in one line can't be told apart on a screen.
LONGEST = 200


def thinned(table: pd.DataFrame, by: str, longest: int = LONGEST) -> pd.DataFrame:
    """Return at most `longest` rows for each value of the column `by`: evenly, with both ends."""
    parts = []
    for _, part in table.groupby(by, sort=False):
        step = max(1, -(-len(part) // longest))
        kept = part.iloc[::step]
        parts.append(kept if kept.index[-1] == part.index[-1] else pd.concat([kept, part.tail(1)]))
    return pd.concat(parts) if parts else table


def with_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers with `shown`: each value and its interval as people write them."""
    shown = [
        words.number(row.metric, row.value, row.ci_low, row.ci_high) for row in table.itertuples()
    ]
    return table.assign(shown=shown)


def _kind_colour(table: pd.DataFrame) -> alt.Color:
    present = [kind for kind in KINDS if kind in set(table.kind)]
    colours = [COLOURS[KINDS.index(kind)] for kind in present]
    return alt.Color(
        "kind:N",
        scale=alt.Scale(domain=present, range=colours),
        legend=alt.Legend(title=None, orient="top"),
    )


def _kind_shape(table: pd.DataFrame) -> alt.Shape:
    present = [kind for kind in KINDS if kind in set(table.kind)]
    shapes = [SHAPES[KINDS.index(kind)] for kind in present]
    return alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=present, range=shapes),
        legend=alt.Legend(title=None, orient="top"),
    )


def _tooltip(*columns: str) -> list[alt.Tooltip]:
    titles = {"shown": "Value", "kind": "Kind", "model": "Model"}
    return [alt.Tooltip(f"{c}:N", title=titles.get(c, words.label(c))) for c in columns]


def _names_axis(**more) -> alt.Axis:
    return alt.Axis(labelLimit=240, labelOverlap=False, **more)


def _percent_axis(title: str, **more) -> alt.Axis:
    return alt.Axis(title=title, format="~%", tickCount=6, **more)


def accuracy_against_size(table: pd.DataFrame, title: str) -> alt.LayerChart:
    """Return accuracy (`value`, `ci_low`, `ci_high`) against `parameters_m`, one point a `model`.

    Models without parameters are dashed lines: what no learning at all gives.
    """
    table = with_words(table).assign(
        ci_low=table.ci_low.fillna(table.value), ci_high=table.ci_high.fillna(table.value)
    )
    sized = table[table.parameters_m > 0]
    floor = table[~(table.parameters_m > 0)]
    top = float(min(1, max([0.05, *table.ci_high.dropna()]) * 1.12))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=_percent_axis(title))
    layers = []
    if len(floor):
        lines = alt.Chart(floor).encode(y=y, tooltip=_tooltip("model", "kind", "shown"))
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
            x=x, color=_kind_colour(sized), tooltip=_tooltip("model", "kind", "shown")
        )
        layers += [
            points.mark_rule(strokeWidth=2.5).encode(
                y=alt.Y("ci_low:Q", axis=_percent_axis(title)), y2="ci_high:Q"
            ),
            points.mark_point(filled=True, size=110, opacity=1).encode(
                y=y, shape=_kind_shape(sized)
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
) -> alt.LayerChart:
    """Return one row a `model` (or another column): value as a point, interval as a bar.

    What `chance` gives is a dashed line.
    """
    table = with_words(table)
    y = alt.Y(f"{row}:N", sort=list(order), title=None, axis=_names_axis())
    base = alt.Chart(table).encode(
        y=y, color=_kind_colour(table), tooltip=_tooltip(row, "kind", "shown")
    )
    scale = alt.Scale(zero=True, nice=True)
    x = alt.X("value:Q", scale=scale, axis=_percent_axis(title))
    layers = [
        base.mark_rule(strokeWidth=3).encode(
            x=alt.X("ci_low:Q", axis=_percent_axis(title)), x2="ci_high:Q"
        ),
        base.mark_point(filled=True, size=90, opacity=1).encode(x=x, shape=_kind_shape(table)),
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
    legend = alt.Legend(title=None, orient="top", columns=6)
    heading = words.label(by)
    base = alt.Chart(table).encode(
        y=alt.Y("model:N", sort=list(order), title=None, axis=_names_axis(grid=True)),
        yOffset=alt.YOffset(f"{by}:N", sort=values),
        color=alt.Color(f"{by}:N", scale=alt.Scale(domain=values, range=colours), legend=legend),
        tooltip=_tooltip("model", "shown") + [alt.Tooltip(f"{by}:N", title=heading)],
    )
    shape = alt.Shape(f"{by}:N", scale=alt.Scale(domain=values, range=shapes), legend=legend)
    scale = alt.Scale(zero=zero)
    layers = alt.layer(
        base.mark_rule(strokeWidth=2.5).encode(
            x=alt.X("ci_low:Q", axis=_percent_axis(title), scale=scale), x2="ci_high:Q"
        ),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            x=alt.X("value:Q", axis=_percent_axis(title), scale=scale), shape=shape
        ),
    )
    rows = table.model.nunique() * max(2, len(values))
    return layers.properties(height=max(160, 13 * rows + 110))


def alarms(drawn: pd.DataFrame, measured: pd.DataFrame) -> alt.LayerChart:
    """Return misses (`value`) against the `rate` of alarms: curves, and numbers on them."""
    models = list(dict.fromkeys(drawn.model))
    empty = drawn.assign(ci_low=float("nan"), ci_high=float("nan"), metric="fnir")
    title = "false alarms (share of searches for strangers, logarithmic)"
    lines = curves(empty, "rate", title, "missed", log=True, marks=False)
    measured = measured[measured.model.isin(models)]
    if measured.empty:
        return lines
    scale = alt.Scale(domain=models, range=[COLOURS[i % len(COLOURS)] for i in range(len(models))])
    points = alt.Chart(with_words(measured)).encode(
        x=alt.X("rate:Q", scale=alt.Scale(type="log", nice=False)),
        color=alt.Color("model:N", scale=scale),
        tooltip=_tooltip("model", "rate", "shown"),
    )
    marks = points.mark_point(filled=True, size=50, opacity=1).encode(y="value:Q")
    rules = points.mark_rule(strokeWidth=2).encode(y="ci_low:Q", y2="ci_high:Q")
    return alt.layer(*lines.layer, rules, marks).properties(height=330)


def who_beats_whom(table: pd.DataFrame, order: Sequence[str]) -> alt.LayerChart:
    """Return the matrix of `model_a` (rows) against `model_b` (columns).

    Colour and number are `difference` in percentage points; `beyond_chance` says where chance is
    ruled out. Where it isn't, the cell has no colour.
    """
    table = table.assign(
        points=table.difference * 100,
        cell=[
            f"{100 * d:+.1f}" if beyond else "≈"
            for d, beyond in zip(table.difference, table.beyond_chance, strict=True)
        ],
    )
    limit = float(max(1.0, table.points.abs().max()))
    axis = alt.Axis(labelAngle=-35, labelLimit=160, orient="top", title="is compared with")
    base = alt.Chart(table).encode(
        x=alt.X("model_b:N", sort=list(order), axis=axis),
        y=alt.Y("model_a:N", sort=list(order), title="This model", axis=alt.Axis(labelLimit=160)),
        tooltip=_tooltip("model_a", "model_b", "said"),
    )
    # Blue is ahead, orange behind.
    scale = alt.Scale(scheme="blueorange", domain=[-limit, limit], reverse=True)
    cells = base.mark_rect(stroke=GREY, strokeWidth=0.4).encode(
        color=alt.condition(
            "datum.beyond_chance",
            alt.Color("points:Q", scale=scale, legend=alt.Legend(title="Points", orient="right")),
            alt.value("transparent"),
        )
    )
    text = base.mark_text(fontSize=12).encode(
        text="cell:N",
        color=alt.condition("datum.beyond_chance", alt.value("#1B2129"), alt.value(GREY)),
    )
    side = max(2, len(order))
    return alt.layer(cells, text).properties(height=34 * side + 150)


def curves(
    table: pd.DataFrame,
    x: str,
    x_title: str,
    y_title: str,
    log: bool = False,
    marks: bool = True,
) -> alt.LayerChart:
    """Return one line a `model` of `value` over the column `x`, with its interval as a band."""
    table = with_words(table)
    models = list(dict.fromkeys(table.model))
    many = len(models) > len(COLOURS)
    colours = alt.Scale(
        domain=models, range=[COLOURS[i % len(COLOURS)] for i in range(len(models))]
    )
    legend = alt.Legend(title=None, orient="top", columns=4, labelLimit=180)
    colour = alt.Color("model:N", scale=colours, legend=legend)
    plain_colour = alt.Color("model:N", scale=colours, legend=None)
    dash = alt.StrokeDash(
        "model:N",
        scale=alt.Scale(
            domain=models,
            range=[DASHES[(i // len(COLOURS) if many else i % 4) % 4] for i in range(len(models))],
        ),
        legend=None,
    )
    positive = table[table[x] > 0] if log else table
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(nice=False, zero=False)
    along = alt.X(f"{x}:Q", scale=scale, axis=alt.Axis(title=x_title, format="~g", tickCount=6))
    base = alt.Chart(positive).encode(x=along, color=colour)
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1]), axis=_percent_axis(y_title))
    layers = []
    banded = positive.dropna(subset=["ci_low", "ci_high"])
    if len(banded):
        layers.append(
            alt.Chart(banded)
            .mark_area(opacity=0.16)
            .encode(
                x=along,
                y=alt.Y("ci_low:Q", axis=_percent_axis(y_title)),
                y2="ci_high:Q",
                color=plain_colour,
            )
        )
        layers.append(
            alt.Chart(banded)
            .mark_rule(strokeWidth=1.5, opacity=0.6)
            .encode(x=along, y="ci_low:Q", y2="ci_high:Q", color=plain_colour)
        )
    layers.append(base.mark_line(strokeWidth=2.2).encode(y=y, strokeDash=dash))
    if marks:
        layers.append(
            base.mark_point(filled=True, size=45, opacity=1).encode(
                y=y, tooltip=_tooltip("model", x, "shown")
            )
        )
    return alt.layer(*layers).properties(height=330)


def share_histogram(table: pd.DataFrame, title: str) -> alt.Chart:
    """Return how many people (`count`) were found in how many of their searches (`band`)."""
    x = alt.X(
        "band:N", sort=list(dict.fromkeys(table.band)), axis=alt.Axis(title=title, labelAngle=0)
    )
    return (
        alt.Chart(table)
        .mark_bar(color=COLOURS[0])
        .encode(
            x=x,
            y=alt.Y("count:Q", axis=alt.Axis(title="People", tickMinStep=1)),
            tooltip=[alt.Tooltip("band:N", title=title), alt.Tooltip("count:Q", title="People")],
        )
        .properties(height=240)
    )


def bars(table: pd.DataFrame, x: str, y: str, x_title: str, log: bool = False) -> alt.Chart:
    """Return horizontal bars, one a value of `y`, as long as `x`."""
    return (
        alt.Chart(table)
        .mark_bar(color=COLOURS[0])
        .encode(
            x=alt.X(
                f"{x}:Q",
                axis=alt.Axis(title=x_title, tickCount=6),
                scale=alt.Scale(type="symlog") if log else alt.Scale(),
            ),
            y=alt.Y(f"{y}:N", sort="-x", title=None, axis=_names_axis()),
            tooltip=[
                alt.Tooltip(f"{y}:N", title=words.label(y)),
                alt.Tooltip(f"{x}:Q", title=x_title, format=",.1f"),
            ],
        )
        .properties(height=26 * table[y].nunique() + 80)
    )


def three_ways(table: pd.DataFrame) -> alt.FacetChart:
    """Return a panel a `way` of searching: one row a `model`, its value and its interval."""
    table = with_words(table)
    order = list(dict.fromkeys(table.sort_values("value", ascending=False).model))
    base = alt.Chart().encode(
        y=alt.Y("model:N", sort=order, title=None, axis=alt.Axis(labelLimit=160)),
        color=_kind_colour(table),
        tooltip=_tooltip("model", "kind", "shown"),
    )
    layers = alt.layer(
        base.mark_rule(strokeWidth=3).encode(
            x=alt.X("ci_low:Q", axis=_percent_axis("found")), x2="ci_high:Q"
        ),
        base.mark_point(filled=True, size=80, opacity=1).encode(
            x=alt.X("value:Q", axis=_percent_axis("found")), shape=_kind_shape(table)
        ),
    ).properties(width=215, height=max(80, 24 * len(order)))
    return layers.facet(
        column=alt.Column("way:N", sort=list(dict.fromkeys(table.way)), title=None), data=table
    )


def heat(table: pd.DataFrame, x: str, y: str, title: str) -> alt.LayerChart:
    """Return a cell for each pair of values of `x` and `y`: darker and larger number, more."""
    table = with_words(table).assign(
        cell=[words.percent(value, 0) for value in table.value], dark=table.value > 0.55
    )
    top = alt.Axis(labelAngle=-30, labelLimit=180, orient="top", title=None, labelOverlap=False)
    base = alt.Chart(table).encode(
        x=alt.X(f"{x}:N", sort=list(dict.fromkeys(table[x])), axis=top),
        y=alt.Y(f"{y}:N", sort=list(dict.fromkeys(table[y])), title=None, axis=_names_axis()),
        tooltip=_tooltip(y, x, "shown"),
    )
    scale = alt.Scale(scheme="blues", domain=[0, 1])
    legend = alt.Legend(title=None, format="~%")
    cells = base.mark_rect(stroke=GREY, strokeWidth=0.4).encode(
        color=alt.Color("value:Q", scale=scale, legend=legend)
    )
    text = base.mark_text(fontSize=13).encode(
        text="cell:N",
        color=alt.condition("datum.dark", alt.value("#FFFFFF"), alt.value("#1B2129")),
    )
    return alt.layer(cells, text).properties(height=34 * table[y].nunique() + 110)


def against_cost(table: pd.DataFrame, title: str, reverse: bool) -> alt.LayerChart:
    """Return protection (`value`) against `cost`, a point an `attack` with its interval."""
    table = with_words(table)
    x = alt.X(
        "cost:Q",
        scale=alt.Scale(zero=not reverse, reverse=reverse, padding=30),
        axis=alt.Axis(title=title, tickCount=6),
    )
    base = alt.Chart(table).encode(x=x, tooltip=_tooltip("attack", "shown"))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1]), axis=_percent_axis("searches that fail"))
    return alt.layer(
        base.mark_rule(strokeWidth=2.5, color=COLOURS[0]).encode(
            y=alt.Y("ci_low:Q", axis=_percent_axis("searches that fail")), y2="ci_high:Q"
        ),
        base.mark_point(filled=True, size=100, opacity=1, color=COLOURS[0]).encode(y=y),
        base.mark_text(align="left", dx=9, dy=-7, color=GREY).encode(y=y, text="attack:N"),
    ).properties(height=320)


def transfer(table: pd.DataFrame) -> alt.LayerChart:
    """Return the matrix of attacks and victims: `gain` in points, framed where `made_on`."""
    table = table.assign(
        points=100 * table.gain,
        cell=[f"{100 * gain:+.0f}" for gain in table.gain],
        shown=[
            f"{100 * g:+.1f} points {words.interval(a, b)}"
            for g, a, b in zip(table.gain, table.ci_low, table.ci_high, strict=True)
        ],
        strong=table.gain.abs() > 0.55,
    )
    top = alt.Axis(labelAngle=-30, labelLimit=220, orient="top", title=None, labelOverlap=False)
    base = alt.Chart(table).encode(
        x=alt.X("attack:N", sort=list(dict.fromkeys(table.attack)), axis=top),
        y=alt.Y("victim:N", sort=list(dict.fromkeys(table.victim)), title=None, axis=_names_axis()),
        tooltip=_tooltip("attack", "victim", "shown"),
    )
    scale = alt.Scale(scheme="blueorange", domain=[-100, 100], reverse=True)
    cells = base.mark_rect(stroke=GREY, strokeWidth=0.4).encode(
        color=alt.Color("points:Q", scale=scale, legend=alt.Legend(title="Points"))
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
    """Return one row a `model`: the share of `searches` that find, without the cloak and with it.

    The line between the two is what the cloak takes.
    """
    table = table.assign(
        before=table.found_clean / table.searches,
        after=table.found / table.searches,
        said=[
            f"{r.found_clean} of {r.searches} without, {r.found} with; p {r.p_corrected:.2g}"
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
    y = alt.Y("model:N", sort=order, title=None, axis=_names_axis())
    scale = alt.Scale(domain=[0, 1])
    tooltip = [alt.Tooltip("model:N", title="Model"), alt.Tooltip("said:N", title="Found")]
    names = ["without the cloak", "with the cloak"]
    legend = alt.Legend(title=None, orient="top")
    colour = alt.Color("cloak:N", scale=alt.Scale(domain=names, range=COLOURS[:2]), legend=legend)
    shape = alt.Shape("cloak:N", scale=alt.Scale(domain=names, range=SHAPES[:2]), legend=legend)
    axis = _percent_axis("searches that find this person")
    lines = alt.Chart(table).mark_rule(strokeWidth=2, color=GREY)
    points = alt.Chart(long).mark_point(filled=True, size=110, opacity=1)
    return alt.layer(
        lines.encode(y=y, x=alt.X("before:Q", scale=scale, axis=axis), x2="after:Q"),
        points.encode(
            y=y, x=alt.X("share:Q", scale=scale), color=colour, shape=shape, tooltip=tooltip
        ),
    ).properties(height=30 * len(order) + 120)
