"""Draw naming and recognition against how often people were seen, a line a recipe."""

import pandas as pd

from facebench.logs import log_to
from facebench.report.palette import COLOURS
from facebench.store.tables import read_table
from facebench.timing import loading

TITLES = {
    "naming": "naming",
    "rank_1": "rank-1 identification",
    "targeted": "named as the target",
    "control": "named as the control",
}
AXES = {"subject": "pictures seen in training", "victim": "poisoned captions"}


def points(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows to draw: all pictures, by times, of the first crop of each data set."""
    first = table.groupby("dataset")["crop"].transform("first")
    drawn = table[table["times"].notna() & (table["part"] == "") & (table["crop"] == first)]
    drawn = drawn.assign(
        panel=drawn["dataset"] + ", " + drawn["crop"] + ": " + drawn["metric"].map(TITLES),
        axis=drawn["role"].map(AXES),
    )
    return drawn.astype({"times": int})


def chart(table: pd.DataFrame):
    """Return the picture: a panel a data set and metric."""
    with loading():
        import altair as alt

    share = alt.Axis(labelExpr="format(100 * datum.value, '~g') + ' %'", tickCount=5)
    recipes = list(table["recipe"].unique())
    shift = alt.XOffset("recipe:N", sort=recipes)
    scale = alt.Scale(domain=recipes, range=COLOURS)
    colour = alt.Color("recipe:N", title=None, scale=scale)
    panels = []
    for (panel, axis), part in table.groupby(["panel", "axis"], sort=False):
        x = alt.X("times:O", title=str(axis), axis=alt.Axis(labelAngle=0))
        y = alt.Y("value:Q", title=None, axis=share, scale=alt.Scale(domain=[0, 1]))
        base = alt.Chart(part, title=panel, width=300, height=220)
        bars = base.transform_filter("isValid(datum.ci_low)").mark_rule(strokeWidth=2)
        ends = bars.encode(x=x, xOffset=shift, color=colour, y="ci_low:Q", y2="ci_high:Q")
        dots = base.mark_point(filled=True, size=40, opacity=1)
        panels.append(alt.layer(ends, dots.encode(x=x, xOffset=shift, color=colour, y=y)))
    title = alt.TitleParams(
        "What a model learns of a person, against how often it saw them",
        subtitle=["Bars: intervals over people and trainings. At this scale, not the web's."],
        anchor="start",
    )
    picture = alt.concat(*panels, columns=2, title=title)
    return picture.configure(font="sans-serif")


def note(sentence: str):
    """Return a picture of one sentence."""
    with loading():
        import altair as alt

    table = pd.DataFrame({"text": [sentence]})
    return alt.Chart(table).mark_text(fontSize=14).encode(text="text:N")


def main(table: str, svg: str, png: str) -> None:
    """Write the picture as SVG and PNG."""
    drawn = points(read_table(table))
    nothing = "No subject was evaluated: name them in evaluate.datasets."
    picture = chart(drawn) if len(drawn) else note(nothing)
    picture.save(svg)
    picture.save(png, scale_factor=2)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        table=snakemake.input[0],
        svg=snakemake.output.svg,
        png=snakemake.output.png,
    )
