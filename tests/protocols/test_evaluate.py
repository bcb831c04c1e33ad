"""The job that runs protocols, on small made-up embeddings: tables, records, failures, threads."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from facebench.errors import UserError
from facebench.store.records import record_id
from facebench.store.tables import METRIC_COLUMNS, read_record, read_table, write_table
from scripts import evaluate
from tests.toys.evaluation import ALL, OPTIONS, STATISTICS, Toy, usual
from tests.toys.workflow import ROOT


@pytest.fixture
def toy(tmp_path):
    return usual(tmp_path)


def test_every_number_is_a_row_of_the_table_with_its_record(toy):
    toy.run(*ALL)
    for protocol in ALL:
        table = read_table(toy.metrics(protocol))
        assert list(table.columns) == METRIC_COLUMNS
        record = read_record(toy.metrics(protocol))
        assert set(table.record) == {record_id(record)}
        assert {"data", "embed", protocol} <= set(record)
        assert record[protocol]["code"]["version"] and record[protocol]["code"]["sources"] == "0123"
        assert record[protocol]["statistics"] == STATISTICS
        assert read_record(toy.outcomes(protocol)) == record
        assert set(table.protocol) == {protocol} and set(table.model) == {"m"}
        assert (table["attack"] == "clean").all() and (table["threat"] == "none").all()
        assert not table.duplicated(["metric", "at"]).any()
        valued = table.dropna(subset=["ci_low"])
        assert len(valued) and valued.value.between(valued.ci_low, valued.ci_high).all()


def test_protocols_in_one_job_give_what_each_gives_alone(toy):
    alone = {protocol: toy.run(protocol) for protocol in ALL}
    toy.run(*ALL)
    for protocol, (metrics, outcomes) in alone.items():
        together = read_table(toy.metrics(protocol)).set_index(["metric", "at"])
        pd.testing.assert_frame_equal(together, metrics)
        pd.testing.assert_frame_equal(read_table(toy.outcomes(protocol)), outcomes)


def test_vectors_in_parts_give_the_numbers_of_vectors_in_one(toy, tmp_path):
    (tmp_path / "split").mkdir()
    split = usual(tmp_path / "split", parts=4)
    assert len(split.vectors.embeddings) == 4
    for protocol in ALL:
        for whole, parted in zip(toy.run(protocol), split.run(protocol), strict=True):
            pd.testing.assert_frame_equal(parted, whole)


def test_the_number_that_people_look_for_first_is_shown(toy, monkeypatch):
    monkeypatch.chdir(toy.folder)
    shown = evaluate.main(
        where=toy.where,
        protocols=["verify", "identify"],
        vectors=toy.vectors,
        files=toy.files,
        index={"kind": "flat"},
        options=OPTIONS,
        statistics=STATISTICS,
        # Code of its own, so that numbers of another test are not kept.
        code=dict.fromkeys(["verify", "identify"], "4567"),
    )
    rank1 = read_table(toy.metrics("identify")).set_index(["metric", "at"]).value["rank", "1"]
    assert shown == [f"tight rank-1 {100 * rank1:.1f} %"]


def test_failures_are_counted_and_copies_are_not(toy):
    for protocol in ("verify", "neighbour", "open_set", "identify", "name"):
        metrics, _ = toy.run(protocol)
        assert (metrics.n_failed == 3).all()
        assert (metrics.n_images == 459).all()
    neighbour_metrics, outcomes = toy.run("neighbour")
    assert len(outcomes) == 100 * 4 - 1
    assert outcomes.failed.sum() == 3 and not outcomes.correct[outcomes.failed].any()
    assert neighbour_metrics.value["rank", "1"] == pytest.approx(outcomes.correct.mean())


def test_perfect_embeddings_give_one(tmp_path):
    toy = Toy(tmp_path, np.repeat(np.arange(100), 4), noise=0)
    toy.pairs()
    expected = {
        "view2": [("accuracy", ""), ("auc", "")],
        "verify": [("tar", "0.1"), ("auc", "")],
        "identify": [("rank", "1"), ("map", "")],
        "neighbour": [("rank", "1"), ("map", "")],
        "open_set": [("tpir", "0.2")],
    }
    for protocol, keys in expected.items():
        metrics, _ = toy.run(protocol)
        for key in keys:
            row = metrics.loc[key]
            assert row.value == pytest.approx(1) and 0.8 < row.ci_low < 1 == row.ci_high


def test_shuffled_identities_give_chance(tmp_path):
    people = np.repeat(np.arange(40), 4)
    toy = Toy(tmp_path, people, noise=0.3)
    faces = read_table(toy.vectors.faces)
    order = np.random.default_rng(1).permutation(len(people))
    faces["identity"], faces["name"] = faces.identity[order].array, faces.name[order].array
    write_table(faces, toy.vectors.faces, {})
    toy.people = people[order]
    toy.table = faces
    toy.pairs()
    chance = {
        ("view2", "accuracy", ""): 0.5,
        ("view2", "auc", ""): 0.5,
        ("verify", "auc", ""): 0.5,
        ("verify", "eer", ""): 0.5,
        ("verify", "tar", "0.1"): 0.1,
        ("identify", "rank", "1"): 1 / 40,
        ("neighbour", "rank", "1"): 3 / 159,
        ("name", "top1", "10"): 1 / 10,
    }
    # Eight intervals, of which each misses as often as it says.
    sure = {**STATISTICS, "confidence": 0.995}
    for (protocol, metric, at), value in chance.items():
        row = toy.run(protocol, statistics=sure)[0].loc[(metric, at)]
        assert row.ci_low <= value <= row.ci_high < 0.9, (protocol, metric)


def test_scores_that_hardly_spread_are_ordered_exactly_and_told(tmp_path, caplog):
    """Vectors in a narrow cone are searched as well as the same ones spread out."""
    people = np.repeat(np.arange(100), 4)
    toy = Toy(tmp_path, people, noise=0.7)
    found = {
        protocol: toy.run(protocol)[0].value[metric]
        for protocol, metric in (("identify", ("rank", "1")), ("verify", ("auc", "")))
    }
    assert "hardly tells" not in caplog.text
    rows = np.load(toy.vectors.embeddings[0])
    squeezed = np.concatenate([rows * 0.03, np.ones((len(rows), 1))], axis=1)
    squeezed /= np.linalg.norm(squeezed, axis=1, keepdims=True)
    np.save(toy.vectors.embeddings[0], squeezed.astype(np.float32))
    for protocol, metric in (("identify", ("rank", "1")), ("verify", ("auc", ""))):
        assert toy.run(protocol)[0].value[metric] == pytest.approx(found[protocol], abs=0.01)
    assert "m: all scores lie between 0.99" in caplog.text and "hardly tells" in caplog.text


def test_what_the_data_cannot_resolve_is_refused_in_words(toy):
    for protocol, metric in (("verify", "tar"), ("open_set", "fnir")):
        metrics, _ = toy.run(protocol)
        assert np.isnan(metrics.value[metric, "0.0001"])
        refused = toy.record(protocol)["refused"]
        assert "0.0001 is refused" in refused[f"{metric}@0.0001"]
        assert metrics.value[metric, "0.1" if protocol == "verify" else "0.2"] > 0
    metrics, _ = toy.run("name")
    assert np.isnan(metrics.value["top1", "1000"])


@pytest.mark.parametrize(
    "people",
    [[0] * 6, list(range(6)), [0, 0, 1]],
    ids=["one person", "no two pictures of a person", "three pictures"],
)
@pytest.mark.parametrize("failed", [(), range(6)], ids=["fine", "all failed"])
def test_degenerate_data_give_nan_and_a_sentence(tmp_path, people, failed):
    toy = Toy(tmp_path, people, noise=0.5, failed=[i for i in failed if i < len(people)])
    toy.pairs(folds=2)
    for protocol in ALL:
        metrics, _ = toy.run(protocol)
        refused = toy.record(protocol)["refused"]
        missing = metrics.index[metrics.value.isna()]
        keys = {f"{metric}@{at}" if at else metric for metric, at in missing}
        assert keys == set(refused)
        assert all(sentence.endswith(".") for sentence in refused.values())


@pytest.mark.parametrize("protocol", ["identify", "neighbour"])
def test_nobody_is_recognised_among_pictures_of_one_person(tmp_path, protocol):
    toy = Toy(tmp_path, [0] * 6, noise=0.5)
    metrics, _ = toy.run(protocol)
    assert metrics.value.isna().all()
    refused = toy.record(protocol)["refused"]
    assert set(refused.values()) == {"All pictures that can be found are of one person."}


def test_embeddings_of_another_run_are_a_user_error(toy):
    place = toy.vectors.embeddings[0]
    np.save(place, np.ones((3, 4), np.float32))
    with pytest.raises(UserError, match="from different runs"):
        toy.run("identify")
    np.save(place, np.full((456, 4), np.nan, np.float32))
    with pytest.raises(UserError, match="not finite"):
        toy.run("identify")


@pytest.mark.parametrize("protocol", ALL)
def test_results_depend_neither_on_threads_nor_on_the_run(toy, protocol):
    with threadpool_limits(1):
        first, outcomes = toy.run(protocol)
    with threadpool_limits(2):
        second, again = toy.run(protocol)
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(outcomes, again)


def test_protocol_jobs_never_import_torch():
    code = (
        "import sys; from scripts import index, evaluate, poison, compare;"
        "from facebench.evaluation import PROTOCOLS;"
        "[protocol.load() for protocol in PROTOCOLS.values()];"
        "print(len(PROTOCOLS), 'torch' in sys.modules)"
    )
    env = {"PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.split() == [str(len(ALL) + 7), "False"], done.stderr
