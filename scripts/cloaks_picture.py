"""Draw what cloaks do to every model: the share of searches that fail, by attack."""

import pandas as pd

from facebench.logs import log_to
from facebench.store.atomic import replacing
from facebench.store.tables import read_table
from facebench.texts import one_line
from facebench.timing import loading

#: Pixels of a cell.
WIDTH, HEIGHT = 90, 24
NO_CLOAK = "no cloak"


def cells(transfer: pd.DataFrame) -> pd.DataFrame:
    """Return one row a cell: dataset and crop as `panel`, attack, model, `lost` (0 to 1), `shown`.

    All of a person's pictures in the index are cloaked. The row without a cloak is the mean over
    the attacks' people.
    """
    here = transfer[(transfer.threat == "gallery") & (transfer.fraction == 1)]
    here = here[here.averaged == ""]
    panel = here.dataset.map(one_line) + ", " + here.crop.map(one_line)
    some = pd.DataFrame(
        {"panel": panel, "attack": here.attack.map(one_line), "model": here.victim.map(one_line)}
    )
    clean = some.assign(attack=NO_CLOAK, lost=1 - here.found_clean, made_on=False)
    clean = clean.groupby(
        ["panel", "attack", "model", "made_on"], sort=False, as_index=False
    ).mean()
    every = pd.concat([clean, some.assign(lost=1 - here.found, made_on=here.made_on.astype(bool))])
    rows = zip(every.lost, every.made_on, strict=True)
    shown = [f"{100 * lost:.0f} %{' =' if made_on else ''}" for lost, made_on in rows]
    return every.assign(shown=shown)


def chart(table: pd.DataFrame):
    """Return the picture: a panel a data set and crop, a row an attack, a column a model."""
    with loading():
        import altair as alt

    orders = {name: list(dict.fromkeys(table[name])) for name in ("attack", "model")}
    below = alt.Axis(title=None, labelAngle=-30, labelLimit=200)
    beside = alt.Axis(title=None, labelLimit=300)
    base = alt.Chart(table).encode(
        x=alt.X("model:N", sort=orders["model"], axis=below),
        y=alt.Y("attack:N", sort=orders["attack"], axis=beside),
    )
    legend = alt.Legend(title="searches that fail", labelExpr="100 * datum.value + ' %'")
    scale = alt.Scale(domain=[0, 1], scheme="blues")
    text = base.mark_text().encode(
        text="shown:N",
        color=alt.condition("datum.lost > 0.6", alt.value("white"), alt.value("black")),
    )
    cell = base.mark_rect(stroke="white").encode(
        color=alt.Color("lost:Q", scale=scale, legend=legend)
    )
    size = {"width": WIDTH * len(orders["model"]), "height": HEIGHT * len(orders["attack"])}
    panel = alt.layer(cell, text).properties(**size)
    facet = alt.Facet("panel:N", title=None, sort=list(dict.fromkeys(table.panel)))
    return panel.facet(facet=facet, columns=1).resolve_scale(x="independent")


def main(*, transfer: str, output: str) -> None:
    """Write the picture as SVG."""
    with loading():
        import vl_convert

    spec = chart(cells(read_table(transfer))).to_dict()
    svg = vl_convert.vegalite_to_svg(spec)
    with replacing(output) as part:
        part.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(transfer=snakemake.input[0], output=snakemake.output[0])
