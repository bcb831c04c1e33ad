"""Scores of pairs of one person and of two, a threshold between them, and what it gets wrong."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import charts, elements, number_text, safe_text, widgets
from dashboard.data import pairs, ranking, trade_off
from dashboard.parts.pairs.picture_rows import MOST, Seen, Where, picture_rows

#: The share of pairs of two people that the threshold accepts at first.
FALSE_AT_FIRST = 0.01
CURVES = ("ROC: accepted", "DET: rejected")
SCALES = ("logarithmic", "linear")
NEAREST, SUREST = "nearest to the threshold", "furthest from the threshold"
#: Bins of the histograms.
BINS = 60


def scores(where: Where) -> None:
    """Show the scores, a threshold, the trade-off at all of them, and pairs on the wrong side."""
    threshold = None
    with elements.section(
        "Scores of pairs",
        "Every two photographs have a similarity. At or above the threshold a pair is accepted as"
        " one person.",
    ):
        with st.spinner("Comparing every two photographs …"):
            found = pairs.all_pairs(where.dataset, where.crop, where.model)
        threshold = slider(found)
        told(where, found, threshold)
        table = histogram(found)
        picture = charts.score_histogram(table, threshold)
        name = safe_text.file_name("scores", where.dataset, where.crop, where.model)
        text = "Scores of pairs of one person and of two people, and the threshold."
        elements.chart(picture, table, name, text)
    if threshold is not None:
        at_every_threshold(where, threshold)
        wrong_side(where, threshold)


def slider(found: pairs.Pairs) -> float:
    """Let a threshold be chosen; at first the one at which 1 % of two people's pairs pass."""
    low = float(np.floor(min(found.mates[-1], found.others[-1]) * 1000)) / 1000
    high = float(np.ceil(max(found.mates[0], found.others[0]) * 1000)) / 1000
    step = 0.001 if high - low > 0.1 else 0.0001
    first = float(found.others[min(int(FALSE_AT_FIRST * len(found.others)), len(found.others) - 1)])
    held = st.session_state.get("threshold")
    if held is not None and not low <= held <= high:  # of a model whose scores lie elsewhere
        del st.session_state["threshold"]
    return st.slider(
        "Threshold (similarity)", low, high, round(first, 4), step,
        key="threshold", bind="query-params", format="%.4f",
    )  # fmt: skip


def told(where: Where, found: pairs.Pairs, threshold: float) -> None:
    """Say what the threshold accepts."""
    true, false = (float(rate) for rate in found.rates(np.array(threshold)))
    left, right = st.columns(2)
    left.metric("Pairs of one person accepted (TAR)", number_text.percent(true))
    right.metric("Pairs of two people accepted (FAR)", number_text.percent(false, 3))
    counts = f"{len(found.mates):,} pairs of one person, {len(found.others):,} of two people."
    lost = pairs.without_vector(where.dataset, where.crop, where.model)
    if lost:
        counts += (
            f" {lost:,} photographs in which no face was found have no score and don't count here;"
            " *Recognition* counts their pairs as rejected."
        )
    st.caption(counts)


def histogram(found: pairs.Pairs) -> pd.DataFrame:
    """Return which share of the pairs of each kind scores in which bin: kind, low, high, share."""
    kinds = {charts.ONE_PERSON: found.mates, charts.TWO_PEOPLE: found.others}
    edges = np.histogram_bin_edges(np.concatenate([found.mates, found.others[::-1]]), BINS)
    parts = []
    for kind, scored in kinds.items():
        count = np.histogram(scored, edges)[0]
        part = {"kind": kind, "low": edges[:-1], "high": edges[1:], "count": count}
        parts.append(pd.DataFrame(part).assign(share=count / len(scored)))
    return pd.concat(parts, ignore_index=True)


def at_every_threshold(where: Where, threshold: float) -> None:
    """Show true against false accepts at all thresholds, of one model or two."""
    with elements.section(
        "At every threshold",
        f"Bands: {number_text.whole_percent(trade_off.CONFIDENCE)} of the values at each false"
        f" accept rate alone, over {trade_off.DRAWS} draws of people with replacement; in a draw, a"
        " pair of two people counts as often as both were drawn. The curve begins where"
        f" {trade_off.EXPECTED} pairs of two people are accepted: below, the data tell nothing.",
    ):
        known = ranking.measured_models(where.dataset, where.crop)
        one, two, three = st.columns(3)
        with one:
            rest = ["none", *(name for name in known if name != where.model)]
            beside = widgets.one("beside", "Compare with", rest)
        with two:
            det = widgets.one("curve", "Curve", CURVES) == CURVES[1]
        with three:
            log = widgets.one("scale", "Scale", SCALES) == SCALES[0]
        models = [where.model] if beside == "none" else [where.model, beside]
        with st.spinner("Drawing people anew …"):
            drawn = [trade_off.curve(where.dataset, where.crop, model) for model in models]
        table = pd.concat(drawn, ignore_index=True)
        true, false = (
            float(rate)
            for rate in pairs.all_pairs(where.dataset, where.crop, where.model).rates(
                np.array(threshold)
            )
        )
        picture = charts.trade_off(ranking.coloured(table), (false, true), det, log)
        name = safe_text.file_name("det" if det else "roc", where.dataset, where.crop)
        elements.chart(picture, table, name, "True against false accept rate at all thresholds.")


def wrong_side(where: Where, threshold: float) -> None:
    """Show pairs that the threshold gets wrong."""
    found = pairs.all_pairs(where.dataset, where.crop, where.model)
    with elements.section("Pairs on the wrong side"):
        surest = widgets.one("wrong", "Show those", (NEAREST, SUREST)) == SUREST
        accepted, rejected = found.wrong(threshold, MOST // 2, surest)
        left, right = st.columns(2, gap="large")
        with left:
            listed(where, accepted, "Two people, accepted as one")
        with right:
            listed(where, rejected, "One person, rejected")


def listed(where: Where, table: pd.DataFrame, title: str) -> None:
    """Show some pairs under a title."""
    st.markdown(f"##### {title}")
    if table.empty:
        st.caption("None.")
    rows = [
        [
            Seen(f"similarity {one.score:.3f}", one.a_id, one.a),
            Seen("of these two", one.b_id, one.b),
        ]
        for one in table.itertuples()
    ]
    picture_rows(where, rows, title)
