"""Protection: how many searches fail, by model and attack, by share cloaked, after re-encoding."""

import pandas as pd
import streamlit as st

from dashboard import charts, elements, number_text, safe_text, vocabulary, widgets
from dashboard.data import poison, ranking
from dashboard.data.missing import Missing
from dashboard.view import View


def protection(view: View) -> None:
    """Show how many searches fail, in the experiment chosen."""
    every = poison.experiments(view.numbers)
    one, two, three = st.columns(3)
    with one:
        threats = [threat for threat in poison.THREATS if threat in set(every.threat)]
        threat = widgets.one("threat", "What is cloaked", threats, shown=vocabulary.threat)
        same = every[every.threat == threat]
    with two:
        ways = list(dict.fromkeys(same["at"]))
        at = widgets.one("how", "Searched by", ways, "nearest", vocabulary.classifier)
        same = same[same["at"] == at]
    with three:
        again = list(dict.fromkeys(same.reencode))
        reencode = widgets.one("reencode", "Re-encoding", again, "none", vocabulary.reencoding)
    heat_map(view, same, reencode)
    by_share(view, same, reencode)
    after_saving(view, same)


def heat_map(view: View, same: pd.DataFrame, reencode: str) -> None:
    """Show protection by model and attack, at a share."""
    with elements.section(
        "How many searches fail",
        "Share of the searches for people who cloak their photographs. Some fail without any"
        " cloak: “no cloak”.",
    ):
        chosen = same[same.reencode == reencode]
        shares = sorted(share for share in set(chosen.fraction) if share > 0)
        if not shares:
            raise Missing("No share above zero was measured.", "")
        share = widgets.one(
            "share", "Share cloaked", shares, max(shares), number_text.whole_percent
        )
        rows = chosen[chosen.fraction.isin([0.0, share])]
        rows = ranking.rows_best_first(rows, view.dataset, view.crop)
        table = poison.beside_nothing(rows)
        picture = charts.heat(table, "attack", "model")
        said = "Share of searches that fail, by model and attack."
        elements.chart(picture, table, f"poison-{view.file}", said)
        elements.folded(
            poison.beside_nothing(elements.linked(rows)),
            ["model", "kind", "attack", "fraction"],
            f"poison-{view.file}",
        )


def by_share(view: View, same: pd.DataFrame, reencode: str) -> None:
    """Show protection against the share of photographs that are cloaked."""
    chosen = same[same.reencode == reencode]
    if chosen.fraction.nunique() < 3:
        return
    with elements.section(
        "By share of photographs cloaked",
        "If only some photographs are cloaked, the others can still be found.",
    ):
        attacks = list(chosen.attack.unique())
        attack = widgets.one("attack", "Attack", attacks, shown=vocabulary.variant)
        table = chosen[chosen.attack == attack].sort_values("fraction", kind="stable")
        table = ranking.rows_best_first(table, view.dataset, view.crop)
        picture = charts.curves(
            table,
            "fraction",
            "share of the photographs cloaked",
            "searches that fail",
            x_format="~%",
        )
        said = "Searches that fail against the share of photographs cloaked, by model."
        elements.chart(picture, table, f"poison-share-{attack}-{view.file}", said)
        elements.folded(table, ["model", "kind", "fraction"], f"poison-share-{view.file}")


def after_saving(view: View, same: pd.DataFrame) -> None:
    """Show protection after the pictures were saved again."""
    if same.reencode.nunique() < 2:
        return
    with elements.section(
        "After saving again", "Does the cloak survive what sites and screenshots do to pictures?"
    ):
        most = same[same.fraction == same.fraction.max()]
        attacks = list(most.attack.unique())
        attack = widgets.one("saved", "Attack", attacks, shown=vocabulary.variant)
        rows = most[most.attack == attack]
        table = elements.linked(ranking.rows_best_first(rows, view.dataset, view.crop))
        table = table.assign(reencode=table.reencode.map(vocabulary.reencoding))
        models = list(table.model.unique())
        picture = charts.grouped(table, "reencode", models, "searches that fail")
        said = f"Searches that fail after each re-encoding, by model: {safe_text.tidy(attack)}."
        name = f"poison-saved-{attack}-{view.file}"
        elements.chart(picture, table.drop(columns="link"), name, said)
        elements.folded(table, ["model", "kind", "reencode"], f"poison-saved-{view.file}")
