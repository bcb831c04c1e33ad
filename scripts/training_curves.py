"""Draw how models learned: the loss, and what they recognised and named, against pictures seen."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from facebench.logs import log_to
from facebench.report.palette import COLOURS
from facebench.timing import loading

TITLES = {
    "loss": "loss",
    "rank_1": "rank-1, people never seen",
    "naming": "naming, other pictures of known people",
}


def read(folders: Sequence[str]) -> pd.DataFrame:
    """Return the histories of trained models, long: model, images (thousands), what, value."""
    tables = [pd.read_csv(Path(folder) / "history.csv") for folder in folders]
    for folder, table in zip(folders, tables, strict=True):
        table["model"] = Path(folder).name
    table = pd.concat(tables, ignore_index=True)
    table["thousands"] = table["images"] / 1000
    shown = [what for what in TITLES if what in table]
    long = table.melt(["model", "thousands"], shown, var_name="what", value_name="value")
    return long.dropna(subset="value")


def chart(table: pd.DataFrame):
    """Return the picture: a panel for the loss and each measure, a line a model."""
    with loading():
        import altair as alt

    panels = []
    for what, title in TITLES.items():
        part = table[table.what == what]
        if part.empty:
            continue
        share = what != "loss"
        y = alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(domain=[0, 1]) if share else alt.Scale(zero=False, type="log"),
            axis=alt.Axis(format="%") if share else alt.Axis(),
        )
        base = alt.Chart(part, title=title, width=250, height=220).encode(
            x=alt.X("thousands:Q", title="thousand pictures shown"),
            y=y,
            color=alt.Color("model:N", title=None, scale=alt.Scale(range=COLOURS)),
        )
        panels.append(base.mark_line(point=share))
    return alt.hconcat(*panels).configure(font="sans-serif")


def main(folders: Sequence[str], svg: str, png: str) -> None:
    """Draw the histories in the folders of trained models as SVG and PNG."""
    picture = chart(read(folders))
    picture.save(svg)
    picture.save(png, scale_factor=2)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        folders=snakemake.input,
        svg=snakemake.output.svg,
        png=snakemake.output.png,
    )
