"""Colours: one a model wherever it is drawn, legible on both kinds of page, ordered for orders."""

import json

import pandas as pd
import pytest

from dashboard import charts, vocabulary
from dashboard.charts import style
from dashboard.data import numbers, people, ranking
from facebench.report import palette
from scripts import accuracy_size
from tests.toys.dashboard_tables import MODELS

pytestmark = pytest.mark.usefixtures("study")

LIGHT, DARK = "#FFFFFF", "#14181D"


def luminance(colour):
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    "colour", [*palette.COLOURS, *sum(palette.HUES.values(), []), *style.RAMP, style.GREY]
)
def test_what_is_drawn_stands_out_from_both_pages(colour):
    assert contrast(colour, LIGHT) >= 3 and contrast(colour, DARK) >= 3


def drawn(picture):
    """Return the colour of each model in a chart."""
    spec = picture.to_dict()
    found = {}
    for rows in spec["datasets"].values():
        found |= {row["model"]: row["colour"] for row in rows if row.get("colour")}
    text = json.dumps(spec)
    assert all(colour in text for colour in found.values())
    return found


def test_a_model_has_one_colour_on_all_charts_whatever_is_chosen():
    clean = numbers.metrics(dataset="strangers", crop="full", **numbers.CLEAN)
    headline = ranking.first("strangers", "full", clean, "identify")
    table = ranking.ranked(clean, headline)
    ranks = ranking.coloured(clean[clean.protocol == "identify"])
    ranks = ranks.assign(rank=ranks["at"].astype(float))
    some = ["mini-m", "pixels"]
    pictures = [
        charts.accuracy_against_size(table, "found"),
        charts.accuracy_against_size(table[table.model.isin(some)], "found"),
        charts.intervals(table[::-1], "found", list(table.model)),
        charts.curves(ranks, "rank", "k", "found"),
        charts.curves(ranks[ranks.model.isin(some)], "rank", "k", "found"),
    ]
    own = palette.of_models(
        (name, kind) for name, kind in zip(table.model, table.kind, strict=True)
    )
    found = drawn(pictures[0])
    assert len(set(found.values())) == len(MODELS) and set(found.values()) == set(own.values())
    for picture in pictures:
        assert drawn(picture).items() <= found.items()


def test_the_study_s_picture_has_the_same_colours(full, tmp_path):
    root = full.parents[1]
    descriptions = [root / "store" / "models" / f"{model}.json" for model in MODELS]
    table = accuracy_size.points(numbers.metrics(), descriptions)
    pages = ranking.coloured(table[["model"]])
    assert list(table.colour) == list(pages.colour)


@pytest.mark.parametrize(
    ("attribute", "values", "order"),
    [
        ("skin_tone", ["dark", "light", "very light"], ["very light", "light", "dark"]),
        ("moles", ["10", "9", "0"], ["0", "9", "10"]),
        ("sex", ["masculine", "feminine"], ["feminine", "masculine"]),
        ("skin_tone", ["dark", "another"], ["another", "dark"]),
    ],
)
def test_groups_are_in_their_order(attribute, values, order):
    assert vocabulary.in_order(attribute, values) == order


def test_groups_that_have_an_order_are_of_one_hue_and_say_how_many_people_they_have():
    table = people.by_group("strangers", "full", ["mini-s", "pixels"], "identify", "skin_tone")
    spec = charts.groups(table, "skin_tone", ["mini-s", "pixels"], "found").to_dict()
    scale = spec["layer"][0]["encoding"]["color"]["scale"]
    count = table[table.model == "mini-s"].set_index("group").n_identities
    assert scale["domain"] == [f"{one} (n = {count[one]})" for one in ("light", "medium", "dark")]
    assert set(scale["range"]) <= set(style.RAMP)


def test_a_visible_cost_is_never_below_nothing():
    table = pd.DataFrame({"attack": ["a", "b"], "cost": [0.001, 0.02], "metric": "protection"})
    table["family"] = table.attack
    table = table.assign(value=0.5, ci_low=0.4, ci_high=0.6)
    spec = charts.against_cost(table, "DSSIM", reverse=False).to_dict()
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"][0] == 0


def test_on_a_logarithmic_scale_there_are_points():
    table = pd.DataFrame({"model": ["a", "b"], "speed": [1.0, 100.0]})
    assert (
        charts.bars(table, "speed", "model", "speed", log=True).to_dict()["mark"]["type"] == "point"
    )
    assert charts.bars(table, "speed", "model", "speed").to_dict()["mark"]["type"] == "bar"
