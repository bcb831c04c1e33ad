"""The parts of the page Poisoning: protection, visible cost, transfer, and the pictures."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import charts, elements, widgets, words
from dashboard.data import pictures, poison, ranking, search
from dashboard.data.files import Missing


@dataclass(frozen=True)
class View:
    """What the page shows: a data set, a crop, and their numbers."""

    dataset: str
    crop: str
    found: pd.DataFrame
    file: str


def protection(view: View) -> None:
    """Show how many searches fail: by model and attack, by share cloaked, after re-encoding."""
    every = poison.experiments(view.found)
    one, two, three = st.columns(3)
    with one:
        threats = [threat for threat in poison.THREATS if threat in set(every.threat)]
        threat = widgets.one("threat", "What is cloaked", threats, shown=words.threat)
        same = every[every.threat == threat]
    with two:
        ways = list(dict.fromkeys(same["at"]))
        at = widgets.one("how", "Searched by", ways, default="nearest", shown=words.classifier)
        same = same[same["at"] == at]
    with three:
        again = list(dict.fromkeys(same.reencode))
        reencode = widgets.one("reencode", "Re-encoding", again, "none", words.reencoding)
    heat_map(view, same, reencode)
    by_share(view, same, reencode)
    after_saving(view, same)


def heat_map(view: View, same: pd.DataFrame, reencode: str) -> None:
    """Show protection by model and attack, at a share."""
    with elements.section(
        "How many searches fail",
        "Of searches for people who cloak their photographs. Without any cloak, some fail"
        " too: “no cloak”.",
    ):
        chosen = same[same.reencode == reencode]
        shares = sorted(share for share in set(chosen.fraction) if share > 0)
        if not shares:
            raise Missing("No share above nothing was measured.")
        share = widgets.one("share", "Share cloaked", shares, max(shares), words.whole_percent)
        rows = chosen[chosen.fraction.isin([0.0, share])]
        rows = ranking.rows_best_first(rows, view.dataset, view.crop)
        table = poison.beside_nothing(rows)
        picture = charts.heat(table, "attack", "model", "cloak")
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
        "By how much is cloaked", "Who cloaks only some photographs is found by the others."
    ):
        attack = widgets.one("attack", "Attack", list(chosen.attack.unique()), shown=words.variant)
        table = chosen[chosen.attack == attack].sort_values(["model", "fraction"])
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
        attack = widgets.one("saved", "Attack", list(most.attack.unique()), shown=words.variant)
        rows = most[most.attack == attack]
        table = elements.linked(ranking.rows_best_first(rows, view.dataset, view.crop))
        table = table.assign(reencode=table.reencode.map(words.reencoding))
        picture = charts.grouped(
            table, "reencode", list(table.model.unique()), "searches that fail"
        )
        said = f"Searches that fail after each re-encoding, by model, for {words.tidy(attack)}."
        elements.chart(
            picture, table.drop(columns="link"), f"poison-saved-{attack}-{view.file}", said
        )
        elements.folded(table, ["model", "kind", "reencode"], f"poison-saved-{view.file}")


def cost(view: View) -> None:
    """Show protection against what a cloak costs the eye."""
    every = poison.experiments(view.found)
    threat = next(threat for threat in poison.THREATS if threat in set(every.threat))
    with elements.section(
        "Protection against visible cost",
        "To the left: hard to see. Up: more searches fail. The best corner is up left."
        f" Cloaked: {words.threat(threat)}.",
    ):
        left, right = st.columns(2)
        measured = [name for name in poison.COSTS if name in set(view.found.metric)]
        with left:
            kind = widgets.one("cost", "Visible cost", measured, shown=words.label)
        with right:
            known = ranking.best_first(view.dataset, view.crop, list(every.model.unique()))
            model = widgets.one("model", "Against the model", known)
        main = every[
            (every["at"] == "nearest") & (every.reencode == "none") & (every.threat == threat)
        ]
        chosen = main[(main.model == model) & (main.fraction == main.fraction.max())]
        table = poison.against_cost(view.found, chosen, kind)
        picture = charts.against_cost(table, words.label(kind), reverse=kind == "psnr")
        said = f"Searches that fail against {words.label(kind)}, by attack."
        elements.chart(picture, table, f"poison-cost-{kind}-{model}-{view.file}", said)
        elements.folded(table, ["attack", "cost"], f"poison-cost-{kind}-{view.file}")
    with elements.section("Every cost"):
        table = poison.costs(view.found)
        for column in FAILURES:
            if column in table:
                table[column] *= 100
        whole = {c: elements.share_column(c) for c in FAILURES}
        fine = {
            c: st.column_config.NumberColumn(words.label(c), format="%.4f")
            for c in ("dssim", "lpips")
        }
        rough = {
            c: st.column_config.NumberColumn(words.label(c), format="%.1f")
            for c in ("psnr", "linf", "l2")
        }
        known = {c: column for c, column in {**whole, **fine, **rough}.items() if c in table}
        elements.table(table, f"poison-costs-{view.file}", "What each attack costs the eye.", known)
        with st.expander("How each was made"):
            for name, metrics in (("paid", poison.COSTS), ("failed", FAILURES)):
                rows = one_by_one(view.found, metrics)
                if len(rows):
                    elements.numbers_table(rows, ["attack", "said"], f"poison-{name}-{view.file}")


#: What can go wrong with a cloak, as shares of the photographs.
FAILURES = ("failed_to_cloak", "unchanged")


def one_by_one(found: pd.DataFrame, metrics: tuple[str, ...]) -> pd.DataFrame:
    """Return some of the numbers of every cost as one row each, with what each says as `said`."""
    some = found[found.metric.isin(metrics) & (found.reencode == "none")]
    some = some.dropna(subset=["value"]).drop_duplicates(["attack", "metric"])
    return some.assign(said=some.metric.map(words.label))


def transfer(view: View) -> None:
    """Show whether attacks work on models that they were not made on."""
    with elements.section(
        "Transfer",
        "By how many points a cloak lowers the share of searches that succeed, the whole gallery"
        " cloaked. A frame marks the model that the attack was made on: there it has it easiest."
        " A mean over several models is of other models for each attack: such rows can't be"
        " compared.",
    ):
        table = poison.across("transfer", view.dataset, view.crop)
        picture = charts.transfer(table)
        said = "What each attack takes from each model, by attack and victim."
        elements.chart(picture, table, f"transfer-{view.file}", said)
        with st.expander("Table"):
            wanted = [
                "attack",
                "kind",
                "surrogates",
                "victim",
                "found_clean",
                "found",
                "gain",
                "p_corrected",
                "n_identities",
            ]
            shown = table[wanted].assign(
                found_clean=100 * table.found_clean,
                found=100 * table.found,
                gain=100 * table.gain,
                interval=[
                    words.interval(a, b) for a, b in zip(table.ci_low, table.ci_high, strict=True)
                ],
            )
            columns = {
                name: elements.share_column(name) for name in ("found_clean", "found", "gain")
            }
            columns["p_corrected"] = st.column_config.NumberColumn(
                words.label("p_corrected"), format="%.3g"
            )
            columns["kind"] = st.column_config.Column("Kind of attack")
            elements.table(shown, f"transfer-{view.file}", "Transfer of attacks.", columns)
        elements.made_from("transfer")
    with elements.section(
        "Are all protected alike?",
        "What a cloak takes from searches for each group, with intervals over people. Groups are"
        " small, and none can lose more than is found of it without a cloak. The test of groups in"
        " the table errs where everybody in a group is hidden, so no p is shown.",
    ):
        table = poison.across("groups", view.dataset, view.crop)
        left, right = st.columns(2)
        with left:
            attack = widgets.one("group_attack", "Attack", list(table.attack.unique()))
        with right:
            group = widgets.one(
                "group_by", "Group by", list(table.group.unique()), shown=words.sentence_case
            )
        some = table[(table.attack == attack) & (table.group == group)]
        some = some.assign(group=some["value"], value=some.gain, metric="gain")
        picture = charts.grouped(
            some, "group", list(some.model.unique()), "searches lost (points)", zero=False
        )
        elements.chart(picture, some, f"poison-groups-{view.file}", "Gain of each group by model.")
        elements.made_from("groups")


def seen(view: View) -> None:
    """Show a photograph before and after, what changed, and what each model finds with both."""
    known = list(poison.experiments(view.found).model.unique())
    known = ranking.best_first(view.dataset, view.crop, known)
    variants = search.variants(view.dataset, view.crop, known[0])
    order = list(view.found.attack.unique())
    variants = [name for name in variants if name.partition("+")[0] in order]
    variants.sort(key=lambda name: (order.index(name.partition("+")[0]), name))
    if not variants:
        raise Missing("No cloaked pictures are here.")
    one, two, three = st.columns(3)
    with one:
        variant = widgets.one("cloak", "Cloak", variants, shown=words.variant)
    table = poison.attacked(view.dataset, view.crop, variant.partition("+")[0]).head(MOST)
    with two:
        place = widgets.one("which", "Photograph", list(range(1, len(table) + 1)), shown=str)
    with three:
        times = st.slider("Difference, times", 1, 30, 8, key="times", bind="query-params")
    chosen = table.iloc[place - 1]
    with elements.section("Before and after"):
        before_and_after(view, variant, chosen, times)
    with elements.section("What is found with both"):
        model = widgets.one("model", "Model", known)
        retrieved(view, model, variant, chosen)


#: A browser gets no longer list of photographs than this.
MOST = 500


def before_and_after(view: View, variant: str, chosen: pd.Series, times: int) -> None:
    """Show a photograph, its cloaked self, and what was changed, amplified."""
    before = picture(view, search.CLEAN, chosen.image_id)
    after = picture(view, variant, chosen.image_id)
    shown = (before, after, poison.difference(before, after, times))
    titles = ("clean", words.variant(variant), f"difference, {times} times")
    for column, image, title in zip(st.columns(3), shown, titles, strict=True):
        column.image(image, caption=words.plain(title), width="stretch", alt=title)
    costs = [f"{words.label(c)} {chosen[c]:.3g}" for c in poison.COSTS if pd.notna(chosen[c])]
    st.caption(words.plain(" · ".join(costs), 300))


def picture(view: View, variant: str, image_id: str):
    """Return a picture of a variant."""
    found = pictures.gallery([image_id], *pictures.faces(view.dataset, view.crop, variant))
    if image_id not in found:
        raise Missing("This picture is not among those of this variant.", "")
    return found[image_id]


def retrieved(view: View, model: str, variant: str, chosen: pd.Series) -> None:
    """Show what a model finds with the clean photograph, and with the cloaked one."""
    from dashboard.parts.search import Query, grid

    for column, name in zip(st.columns(2), (search.CLEAN, variant), strict=True):
        with column, elements.section():
            st.markdown(f"**Searched with: {words.plain(words.variant(name))}**")
            vector = search.vectors(view.dataset, view.crop, name, model).of(chosen.image_id)
            query = Query(view.dataset, view.crop, model, vector, chosen.identity, chosen.image_id)
            found = search.nearest(view.dataset, view.crop, model, vector, 6, chosen.image_id)
            grid(query, found, 3, f"poison-{name}")
