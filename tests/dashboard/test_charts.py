"""Charts: all can be drawn, hold their intervals and keep their order."""

import json

import numpy as np
import pandas as pd
import pytest

from dashboard import charts, elements
from dashboard.data import curves, my_cloaks, numbers, pairs, poison, ranking, sizes, trade_off
from dashboard.parts.pairs.scores import histogram
from facebench.store.tables import METRIC_COLUMNS

pytestmark = pytest.mark.usefixtures("study")


CONTROLS = ("pixels", "random-s")


def test_in_the_heat_map_the_best_recogniser_is_first_and_controls_are_last(monkeypatch):
    def best(dataset, crop, models):
        return ["pixels", "mini-face", "random-s", *sorted({*models} - {*CONTROLS, "mini-face"})]

    monkeypatch.setattr(ranking, "best_first", best)
    whole = ranking.rows_best_first(
        poison.whole(poison.measured("strangers", "full")), "strangers", "full"
    )
    table = poison.beside_nothing(whole)
    order = ["mini-face", "mini-m", "mini-s", "pixels", "random-s"]
    assert list(dict.fromkeys(table.model)) == order
    assert (
        charts.heat(table, "attack", "model").layer[0].to_dict()["encoding"]["y"]["sort"] == order
    )
    assert table.attack.iloc[0] == "no cloak"


def test_a_heat_map_of_many_attacks_grows_downwards(full):
    few = poison.beside_nothing(poison.whole(poison.measured("strangers", "full")))
    names = [f"attack-{i}" for i in range(14)]
    many = pd.concat([few.assign(attack=name) for name in names])
    for table, side, rows in ((few, "attack", "model"), (many, "model", "attack")):
        encoding = charts.heat(table, "attack", "model").layer[0].to_dict()["encoding"]
        assert encoding["x"]["field"] == side and encoding["y"]["field"] == rows


def test_long_curves_are_thinned_and_keep_their_ends():
    table = pd.DataFrame({"model": ["a"] * 5000 + ["b"] * 3, "x": range(5003)})
    thin = charts.thinned(table, "model")
    assert len(thin) <= charts.LONGEST + 1 + 3
    assert {0, 4999, 5000, 5002} <= set(thin.x)


def test_charts_hold_their_intervals():
    clean = numbers.metrics(crop="full", protocol="identify", **numbers.CLEAN)
    table = clean.assign(kind="CLIP", rank=clean["at"].astype(float))
    spec = charts.curves(table, "rank", "k", "found", log=True).to_dict()
    drawn = json.dumps(spec)
    assert '"ci_low"' in drawn and '"ci_high"' in drawn
    assert not {"n_identities", "ci_low"} & set(titles(spec))


def titles(node):
    """Return every title in a chart."""
    if isinstance(node, dict):
        own = [node["title"]] if isinstance(node.get("title"), str) else []
        return own + [title for value in node.values() for title in titles(value)]
    return [title for value in node for title in titles(value)] if isinstance(node, list) else []


def all_charts():
    """Return every chart, by name, drawn from the made-up results."""
    clean = ranking.with_models(numbers.metrics(dataset="strangers", crop="full", **numbers.CLEAN))
    question = ranking.first("strangers", "full", clean, "identify")
    table = ranking.ranked(clean[METRIC_COLUMNS], question)
    models = list(table.model)
    matrix = ranking.matrix("strangers", "full", question, models).assign(said="")
    found = poison.measured("strangers", "full")
    whole = poison.whole(found)
    alarm = curves.alarm_curve("strangers", "full", "mini-s")
    missed = curves.over_points(clean, "open_set", "fnir", "rate")
    named = clean[(clean.metric == "top1") & (clean["at"] == "all")]
    crops = ranking.with_models(numbers.metrics(protocol="identify", at="1", **numbers.CLEAN))
    ways = ranking.three_ways(table, table, named)
    bars = pd.DataFrame({"step": ["a", "b"], "minutes": [1.0, 2.0]})
    counted = pd.DataFrame({"band": ["never", "always"], "count": [1, 2]})
    ranks = curves.over_points(clean, "identify", "rank", "rank")
    paid = poison.against_cost(found, whole[whole.fraction > 0], "dssim")
    scored = pairs.all_pairs("strangers", "full", "mini-s")
    roc = trade_off.curve("strangers", "full", "mini-s")
    alike = pd.DataFrame({"row": ["A1", "B1"], "column": ["B1", "A1"], "similarity": [0.5, 0.5]})
    gains = sizes.with_cost(sizes.measured(found, "strangers", "full"), found, "dssim")
    gains = gains.assign(line=gains.family)
    return {
        "lines_beside": charts.lines_beside(
            gains, "cost", "DSSIM", "fail", list(gains.line.unique()), told=("attack",)
        ),
        "accuracy_against_size": charts.accuracy_against_size(table, "found"),
        "without_sizes": charts.accuracy_against_size(table.assign(parameters_m=np.nan), "found"),
        "who_beats_whom": charts.who_beats_whom(matrix, models),
        "one_way": charts.intervals(ways[ways.way == "By name"], "found", ["mini-s"], most=1.0),
        "intervals": charts.intervals(table, "found", models, chance=0.1),
        "grouped": charts.grouped(crops, "crop", models, "found"),
        "groups": charts.groups(
            table.assign(group=["light", "dark"] * 2 + ["light"]), "skin_tone", models, "found"
        ),
        "curves": charts.curves(ranks, "rank", "k", "found", log=True),
        "alarms": charts.alarms(alarm, missed),
        "bars": charts.bars(bars, "minutes", "step", "minutes"),
        "share_histogram": charts.share_histogram(counted, "found"),
        "heat": charts.heat(poison.beside_nothing(whole), "attack", "model"),
        "against_cost": charts.against_cost(paid, "DSSIM", reverse=False),
        "budget": charts.against_cost(paid.assign(family="cloak"), "DSSIM", reverse=False),
        "transfer": charts.transfer(poison.across("transfer", "strangers", "full")),
        "score_histogram": charts.score_histogram(histogram(scored), 0.5),
        "similarities": charts.similarities(alike),
        "trade_off": charts.trade_off(roc, (0.1, 0.5), det=False, log=True),
        "before_after": charts.before_after(my_cloaks.people("strangers").head(5)),
    }


def test_every_chart_can_be_drawn_and_has_no_raw_names():
    drawn = all_charts()
    assert {name for name in charts.__all__ if name.islower()} - {"thinned"} <= set(drawn)
    for name, picture in drawn.items():
        assert b"<svg" in elements.image(picture, "svg"), name
        raw = [title for title in titles(picture.to_dict()) if "_" in title]
        assert raw == [], name


@pytest.mark.parametrize("det", [False, True])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("point", [(0.0, 0.0), (0.1, 0.9), (1.0, 1.0)])
def test_a_trade_off_is_drawn_on_either_scale_with_its_band(det, log, point):
    roc = trade_off.curve("strangers", "full", "random-s")
    two = pd.concat([roc, roc.assign(model="other")])
    picture = charts.trade_off(two, point, det, log)
    spec = picture.to_dict()
    assert '"ci_low"' in json.dumps(spec) and b"<svg" in elements.image(picture, "svg")
    kinds = {layer["encoding"]["x"].get("scale", {}).get("type") for layer in spec["layer"]}
    assert kinds == {"log" if log else None}
    if det and log:
        drawn = next(rows for rows in spec["datasets"].values() if "ci_low" in rows[0])
        assert min(row["ci_low"] for row in drawn) > 0


def test_the_curve_of_false_alarms_is_drawn_beside_the_measured_points():
    lines = curves.alarm_curve("strangers", "full", "mini-s")
    clean = numbers.metrics(dataset="strangers", crop="full", model="mini-s", **numbers.CLEAN)
    measured = curves.over_points(clean, "open_set", "fnir", "rate")
    spec = charts.alarms(lines, measured).to_dict()
    drawn = {layer["mark"]["type"]: layer.get("data", spec.get("data")) for layer in spec["layer"]}
    assert len(spec["datasets"][drawn["line"]["name"]]) == len(lines)
    assert len(spec["datasets"][drawn["point"]["name"]]) == len(measured)


def test_attacks_whose_names_differ_in_a_number_are_one_line_and_others_none():
    names = ["cloak-2", "cloak-16", "noise", "cloak-4", "other-3"]
    table = pd.DataFrame({
        "attack": names, "cost": [0.1, 0.5, 0.2, 0.3, 0.4], "value": 0.5, "ci_low": 0.4,
        "ci_high": 0.6, "metric": "protection",
    })  # fmt: skip
    table["family"] = table.attack.map(poison.family)
    spec = charts.against_cost(table, "DSSIM", reverse=False).to_dict()
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    assert line["transform"] == [{"filter": "datum.in_line"}]
    assert line["encoding"]["order"]["field"] == "cost"
    drawn = pd.DataFrame(next(iter(spec["datasets"].values())))
    assert drawn.attack[drawn.in_line].tolist() == ["cloak-2", "cloak-16", "cloak-4"]
    assert drawn.shown_as.tolist() == ["cloak", "cloak", "noise", "cloak", "other-3"]


def test_downloads_are_pictures():
    clean = numbers.metrics(crop="full", protocol="identify", at="1", **numbers.CLEAN)
    table = clean.assign(kind="CLIP", parameters_m=1.0)
    picture = charts.accuracy_against_size(table, "found")
    assert elements.image(picture, "png").startswith(b"\x89PNG")
    assert b"<svg" in elements.image(picture, "svg")[:200]
