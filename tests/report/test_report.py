"""What people read: the table of all numbers, the summary, the picture of accuracy and size."""

import json

import pandas as pd
import pytest

from facebench.store.records import record_id
from facebench.store.tables import METRIC_COLUMNS, read_record, read_table, write_table
from scripts import accuracy_size, collect, summary


def number(model, protocol, metric, at, value, low=float("nan"), high=float("nan"), **more):
    row = {
        "dataset": "lfw",
        "crop": "tight",
        "model": model,
        "protocol": protocol,
        "metric": metric,
        "at": at,
        "threat": "none",
        "attack": "clean",
        "fraction": 0.0,
        "reencode": "none",
        "value": value,
        "ci_low": low,
        "ci_high": high,
        "n_identities": 40,
        "n_images": 120,
        "n_failed": 3,
        "record": "abc",
    }
    return {**row, **more}


@pytest.fixture
def metrics():
    return pd.DataFrame(
        [
            number("pixels", "identify", "rank", "1", 0.05, 0.02, 0.09),
            number("dlib", "identify", "rank", "1", 0.91, 0.88, 0.94, n_failed=7),
            number("pixels", "verify", "tar", "0.1", 0.2, 0.1, 0.3),
            number("dlib", "verify", "tar", "0.1", 0.99, 0.98, 1.0),
            number("pixels", "verify", "tar", "0.001", float("nan")),
            number("dlib", "verify", "tar", "0.001", float("nan")),
        ]
    )


@pytest.fixture
def records():
    refused = {"verify": {"refused": {"tar@0.001": "FAR 0.001 needs 10,000 impostor pairs."}}}
    return pd.DataFrame({"record": ["abc"], "json": [json.dumps(refused)]})


@pytest.fixture
def comparisons():
    row = {"dataset": "lfw", "crop": "tight", "variant": "clean", "protocol": "identify"}
    row |= {"metric": "rank", "at": "1", "model_a": "dlib", "model_b": "pixels"}
    return pd.DataFrame([{**row, "p_corrected": 0.001, "margin": 0.05, "p_alike": 0.9}])


def test_tables_and_their_records_are_gathered(tmp_path, metrics):
    paths, ids = [], []
    for model, part in metrics.groupby("model"):
        record = {"embed": {"model": model}}
        ids.append(record_id(record))
        paths.append(tmp_path / f"{model}.parquet")
        write_table(part.assign(record=ids[-1]), paths[-1], record)
    description = {"model": "dlib", "family": "dlib", "parameters_m": 5.6}
    description |= {"total_parameters_m": 5.6, "record": {"weights_sha256": "ab"}}
    description |= {"kind": "made for faces", "text": False, "control": False}
    (tmp_path / "dlib.json").write_text(json.dumps(description))
    outputs = [tmp_path / n for n in ("m.parquet", "m.csv", "c.parquet", "r.parquet", "models")]
    facts = {"dlib": {"licence": "public domain", "commercial": True}}
    collect.main(paths, [], [tmp_path / "dlib.json"], facts, *outputs)
    table = read_table(outputs[0])
    assert list(table.columns) == METRIC_COLUMNS and len(table) == len(metrics)
    assert len(pd.read_csv(outputs[1])) == len(metrics)
    model = read_table(outputs[4]).iloc[0]
    assert (model.licence, model.weights_sha256) == ("public domain", "ab")
    assert model.commercial == "yes" and pd.isna(model.faces_blurred)
    assert (model.kind, model.text, model.control) == ("made for faces", False, False)
    records = read_table(outputs[3]).set_index("record").json
    assert [json.loads(records[i]) for i in ids] == [read_record(path) for path in paths]


def test_the_summary_shows_the_best_model_first_with_intervals_and_failures(
    metrics, comparisons, records
):
    lines = [
        line for line in summary.summary(metrics, comparisons, records).splitlines() if "|" in line
    ]
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["dlib", "pixels"]
    assert "91.0 % [88.0, 94.0]" in lines[2] and lines[2].rstrip(" |").endswith(" 7")
    assert len({len(line) for line in lines}) == 1


def test_the_summary_shows_the_hardest_rate_that_could_be_measured(metrics, comparisons, records):
    text = summary.summary(metrics, comparisons, records)
    assert "TAR at FAR 0.1" in text and "TAR at FAR 0.001" not in text


def test_the_summary_names_the_crop_that_a_model_was_trained_on(metrics, comparisons, records):
    text = summary.summary(metrics, comparisons, records, own_crops={"dlib": "chip"})
    assert "Read dlib in the crop chip: this model was trained on that." in text
    assert "Read " not in summary.summary(metrics, comparisons, records)


def test_what_was_refused_is_told_in_words(metrics, comparisons, records):
    assert "* lfw: FAR 0.001 needs 10,000 impostor pairs." in summary.summary(
        metrics, comparisons, records
    )


def test_the_picture_is_of_rank_1_and_says_when_there_is_none(tmp_path, metrics):
    write_table(metrics[metrics.protocol == "verify"], tmp_path / "m.parquet", {})
    (tmp_path / "dlib.json").write_text(json.dumps({"model": "dlib", "family": "dlib"}))
    svg, png = tmp_path / "a.svg", tmp_path / "a.png"
    accuracy_size.main(tmp_path / "m.parquet", [tmp_path / "dlib.json"], str(svg), str(png))
    assert "No rank-1" in svg.read_text()


def test_what_was_left_out_is_told(metrics, comparisons, records):
    text = summary.summary(metrics, comparisons, records, ["name needs names."])
    assert "Left out:\n\n* name needs names." in text


def test_models_that_only_chance_tells_apart_are_named(metrics, comparisons, records):
    text = summary.summary(metrics, comparisons, records)
    assert "Rank-1 tells every two of these weights apart" in text
    text = summary.summary(metrics, comparisons.assign(p_corrected=0.2), records)
    assert "nor shown to differ by less than 5 points: dlib and pixels." in text
    text = summary.summary(metrics, comparisons.assign(p_corrected=0.2, p_alike=0.01), records)
    assert "Shown by rank-1 to differ by less than 5 points (p below 0.05): dlib and" in text
    assert "apart" not in summary.summary(metrics, pd.DataFrame(), records)


@pytest.mark.parametrize("sizes", [{"pixels": 0, "dlib": 5.6}, {"pixels": 0, "dlib": 0}])
def test_the_picture_holds_every_model_with_parameters_or_without(tmp_path, metrics, sizes):
    write_table(metrics, tmp_path / "m.parquet", {})
    models = []
    for model, parameters in sizes.items():
        models.append(tmp_path / f"{model}.json")
        fact = {"model": model, "family": model, "parameters_m": parameters}
        models[-1].write_text(json.dumps(fact))
    svg, png = tmp_path / "a.svg", tmp_path / "a.png"
    accuracy_size.main(tmp_path / "m.parquet", models, str(svg), str(png))
    assert "dlib" in svg.read_text() and "pixels" in svg.read_text()
    assert png.read_bytes().startswith(b"\x89PNG")


def test_names_of_models_that_lie_together_stand_over_each_other():
    table = pd.DataFrame(
        {
            "panel": ["a", "a", "a", "b", "b"],
            "model": ["large", "as-large", "small", "large", "pixels"],
            "parameters": [7.0, 7.0, 1.0, 7.0, None],
            "value": [0.01, 0.01, 0.01, 0.5, 0.1],
        }
    )
    high = accuracy_size.labels(table, accuracy_size.span(table.parameters.dropna()))
    assert abs(high[0] - high[1]) == pytest.approx(accuracy_size.LINE)
    assert high[2] == min(high[0], high[1])
    assert high[3] == pytest.approx(0.5 + accuracy_size.LINE) and pd.isna(high[4])


def test_what_to_bear_in_mind_is_said_first(metrics, comparisons, records):
    text = summary.summary(metrics, comparisons, records, warnings=["mini-s knows no photograph."])
    assert text.startswith("* Take note: mini-s knows no photograph.\n")
