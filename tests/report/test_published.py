"""Published figures: each with its source, and words that exist; numbers beside them."""

import pandas as pd
import pytest
import yaml

from facebench.evaluation import PROTOCOLS
from facebench.evaluation.all_pairs import METRICS
from facebench.report import published
from facebench.store.tables import METRIC_COLUMNS
from facebench.study.model_files import registry
from scripts import summary
from tests.toys.workflow import ROOT

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
FEATURES = {*published.OURS, "class token", "mean of patch tokens", "not known"}


def number(crop, metric, at, value, model="openai-vit-b-32"):
    row = dict.fromkeys(METRIC_COLUMNS, "none")
    row |= {"dataset": "lfw", "crop": crop, "model": model, "protocol": "all_pairs"}
    row |= {"metric": metric, "at": at, "value": value, "attack": "clean", "fraction": 0.0}
    return {**row, "ci_low": value - 0.05, "ci_high": value + 0.05, "n_identities": 40,
            "n_images": 120, "n_failed": 0}  # fmt: skip


def test_every_figure_says_its_source_and_uses_words_that_exist():
    figures = published.read()
    for column in ("paper", "table", "dataset", "named", "feature", "cut"):
        assert figures[column].str.len().gt(2).all(), column
    assert figures.published.between(0, 1).all()
    assert set(figures.protocol) <= set(PROTOCOLS) and set(figures.metric) <= set(METRICS)
    assert set(figures.feature) <= FEATURES
    models = registry()
    assert set(figures.model) - {""} <= set(models)
    # What a vector is made of here: an entry of timm says if it is the class token.
    for row in figures[figures.model != ""].itertuples():
        token = models[row.model].get("global_pool") == "token"
        assert row.same_feature == (row.feature == ("class token" if token else "projection"))
    assert {crop for crops in figures.beside for crop in crops} <= set(CONFIG["crops"])
    assert set(figures.dataset) - {"webface42m-subset"} <= set(CONFIG["datasets"])
    # A figure is there once, and a model here stands beside one published model.
    same = ["paper", "table", "named", "cut", "at"]
    assert not figures.duplicated(same).any()
    assert (figures[figures.model != ""].groupby(["table", "model"]).named.nunique() == 1).all()


def test_figures_fall_with_the_false_match_rate():
    """A slip of the pen in a row of three would most often show."""
    wide = published.read().pivot(index=["table", "named", "cut"], columns="at", values="published")
    assert (wide["0.01"] >= wide["0.001"]).all() and (wide["0.001"] >= wide["0.0001"]).all()


@pytest.mark.parametrize(
    ("crop", "metric", "said"),
    [
        ("full", "tmr_with_itself", "feature differs"),
        ("tight", "tmr", "crop differs, feature differs"),
    ],
)
def test_a_number_stands_beside_the_figure_of_its_convention(crop, metric, said):
    other = "tmr" if metric != "tmr" else "tmr_with_itself"
    metrics = pd.DataFrame([number(crop, metric, "0.01", 0.8), number(crop, other, "0.01", 0.1)])
    found = published.beside(metrics, "lfw", crop)
    (row,) = found[(found.model == "openai-vit-b-32") & (found["at"] == "0.01")].to_dict("records")
    assert row["value"] == 0.8 and row["differs"] == said
    assert row["difference"] == pytest.approx(0.8 - row["published"])
    others = found[found.named != "CLIP B/32 openai"]
    assert len(others) and (others.differs == published.NOT_MEASURED).all()
    assert published.beside(metrics, "lfw", "background").empty
    assert published.beside(metrics, "people", crop).empty


def test_the_summary_puts_numbers_beside_published_figures():
    metrics = pd.DataFrame([number("full", "tmr_with_itself", "0.01", 0.8)])
    text = summary.summary(metrics, pd.DataFrame(), pd.DataFrame({"record": [], "json": []}))
    assert "## lfw, full crop, beside published figures" in text
    (line,) = [line for line in text.splitlines() if "92.9 %" in line]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[:5] == ["openai-vit-b-32", "0.01", "92.9 %", "80.0 % [75.0, 85.0]", "-12.9"]
    assert "Table 11" in cells[-1]
    assert "Published and not measured here: OpenCLIP B/32 laion2B, " in text
    # A study without the protocol says nothing of papers.
    metrics = metrics.assign(protocol="verify", metric="tar")
    text = summary.summary(metrics, pd.DataFrame(), pd.DataFrame({"record": [], "json": []}))
    assert "published" not in text
