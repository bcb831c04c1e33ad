"""Thresholds to take home: what they say accepts as few strangers as they say."""

import json

import numpy as np
import pytest

from facebench.store.tables import read_record, read_table
from scripts import thresholds
from tests.toys.evaluation import OPTIONS, usual
from tools.verification import handed_on
from tools.verification.study import Study

ASKED = {**OPTIONS, "verify": {"far": [0.1, 0.01, 0.0001], "images": 20000}}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Vectors of 160 people, verified."""
    toy = usual(tmp_path_factory.mktemp("toy"))
    toy.run("verify", options=ASKED)
    return toy


@pytest.fixture(scope="module")
def written(toy):
    """What is written of them."""
    output = toy.path("results/study/thresholds.json")
    thresholds.main(
        metrics=[toy.metrics("verify")], outcomes=[toy.outcomes("verify")], output=output
    )
    return json.loads(open(output, encoding="utf-8").read())


def test_the_written_rule_accepts_the_stated_share_of_strangers(toy, written):
    """As somebody would use the file: vectors, their inner products, and nothing of this code."""
    people = toy.table.identity[toy.table.status == "ok"].to_numpy()
    vectors = np.load(toy.vectors.embeddings[0]).astype(float)
    scores = vectors @ vectors.T
    other = np.triu(people[:, None] != people)
    assert [one["fmr"] for one in written["thresholds"]] == [0.1, 0.01, 0.0001]
    for one in written["thresholds"][:2]:
        accepted = (scores[other] >= one["threshold"] - 1e-9).sum()
        assert accepted == int(one["fmr"] * one["impostor_pairs"])
        assert -1 < one["ci_low"] < one["threshold"] < one["ci_high"] < 1
        assert one["tar_ci_low"] < one["tar"] < one["tar_ci_high"] and one["refused"] is None


def test_it_says_what_it_was_found_on(toy, written):
    record = read_record(toy.metrics("verify"))
    counts = read_table(toy.outcomes("verify"))["n_images"].to_numpy()
    strangers = np.triu(np.outer(counts, counts), 1).sum()
    for one in written["thresholds"]:
        assert (one["dataset"], one["crop"], one["model"]) == ("toy", "tight", "m")
        assert (one["people"], one["pictures"], one["failed"]) == (160, 459, 3)
        assert one["impostor_pairs"] == strangers and one["confidence"] == 0.95
        assert one["source"]["commit"] == record["verify"]["code"]["commit"]
        assert one["source"]["record"] == read_table(toy.metrics("verify")).record.iloc[0]
    assert "inner product" in written["score"] and "at or above" in written["rule"]
    assert "another crop" in written["holds_of"]


def test_too_few_strangers_have_no_threshold_but_the_reason(written):
    rare = written["thresholds"][2]
    assert rare["threshold"] is rare["ci_low"] is rare["tar"] is None
    assert rare["refused"].startswith("FAR 0.0001 is refused: ")


@pytest.mark.parametrize("key", ["threshold", "ci_high", "impostor_pairs"])
def test_verifying_names_a_file_that_was_changed(toy, written, key, monkeypatch):
    monkeypatch.chdir(toy.folder)
    path = toy.folder / "results" / "study" / "thresholds.json"
    mine, untouched = Study("study", {}, None), path.read_text(encoding="utf-8")
    assert list(handed_on.thresholds(mine)) == []
    changed = json.loads(untouched)
    changed["thresholds"][1][key] *= 2
    path.write_text(json.dumps(changed), encoding="utf-8")
    (told,) = handed_on.thresholds(mine)
    assert "thresholds.json: expected what verify has found, found others" in str(told)
    path.write_text(untouched, encoding="utf-8")
