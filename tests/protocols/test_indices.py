"""Kinds of index beside an exact search."""

import numpy as np
import pytest

from facebench.evaluation import indices as page
from facebench.evaluation.index_trials import shared
from facebench.vectors.stored import StoredVectors
from tests.indexes.test_kinds import spec
from tests.toys.evaluation import Toy

OPTIONS = {
    "indexes": [spec("flat"), spec("ivf-flat"), spec("ivf-pq")],
    "probes": [1, 128], "builds": 2, "queries": 2000, "strangers": 3000,
}  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The numbers, outcomes and record of 80 people with four pictures each."""
    toy = Toy(tmp_path_factory.mktemp("toy"), np.repeat(np.arange(80), 4), noise=0.7, failed=[0])
    metrics, outcomes = toy.run("indices", options={"indices": OPTIONS})
    return toy, metrics.value, outcomes, toy.record("indices")


def test_an_exact_index_finds_what_an_exact_search_finds(done):
    _, value, outcomes, _ = done
    for metric in ("recall1", "recall10", "recall1_lowest"):
        assert value[metric, "flat"] == 1
    assert value["rank1", "flat"] == value["rank1", "exact"] == outcomes["found by exact"].mean()
    assert value["lost", "flat"] == 0
    # A number takes four bytes.
    assert 4 * 32 <= value["bytes", "flat"] < 4 * 32 + 1


def test_exact_search_is_that_of_a_product_of_all_vectors():
    random = np.random.default_rng(0)
    rows, queries = (random.integers(-1, 2, (n, 4)).astype(np.float32) for n in (500, 9))
    vectors = StoredVectors.of(rows)
    page_size, page.BLOCK = page.BLOCK, 64
    try:
        found = page.exact(vectors, queries, 7)
    finally:
        page.BLOCK = page_size
    scores = queries @ rows.T
    right = np.sort(scores, axis=1)[:, ::-1][:, :7]
    assert (np.take_along_axis(scores, found, 1) == right).all()


def test_more_probes_find_more_of_it_and_people_are_lost_to_the_index_apart_from_the_model(done):
    _, value, outcomes, _ = done
    for kind in ("ivf-flat", "ivf-pq"):
        few, many = (value["recall1", f"{kind}/{probes}"] for probes in (1, 128))
        assert few < many
        assert value["lost", f"{kind}/1"] == pytest.approx(
            value["rank1", "exact"] - value["rank1", f"{kind}/1"]
        )
        assert outcomes[f"found by {kind}"].mean() == pytest.approx(value["rank1", f"{kind}/128"])
    assert value["recall1", "ivf-flat/128"] == 1
    assert value["bytes", "ivf-pq"] < value["bytes", "ivf-flat"] / 2


def test_time_is_measured(done):
    _, value, _, _ = done
    for kind in ("flat", "ivf-pq"):
        assert value["build_seconds", kind] > 0
    for metric in ("speed_one", "speed_all"):
        assert value[metric, "ivf-pq/1"] > 0


def test_the_record_says_what_was_tried_and_nothing_is_left_behind(done):
    toy, _, outcomes, record = done
    assert record["indexed"] == 160
    assert record["recipes"]["ivf-pq"].startswith("IVF") and record["recipes"]["flat"] == "Flat"
    # Half of the people are searched for, with two pictures each.
    assert len(outcomes) == 80 and outcomes.identity.nunique() == 40
    assert not any((toy.folder / "work").rglob("*.npy"))


def test_strangers_are_made_from_people_who_are_not_searched_for(tmp_path, monkeypatch):
    toy = Toy(tmp_path, np.repeat(np.arange(80), 4), noise=0.7, failed=[0])
    made_from, fitted = [], page.simulated.fitted
    monkeypatch.setattr(
        page.simulated, "fitted", lambda rows, seed: made_from.append(rows) or fitted(rows, seed)
    )
    _, outcomes = toy.run("indices", options={"indices": OPTIONS})
    vectors = np.load(toy.vectors.embeddings[0])
    usable = toy.table[toy.table.status == "ok"].identity.to_numpy()
    others = set(usable[(made_from[0] @ vectors.T).argmax(axis=1)])
    assert len(others) == len(made_from[0]) == 40 and not others & set(outcomes.identity)


def test_without_strangers_everybody_is_searched_for_and_a_failed_picture_finds_nobody(tmp_path):
    toy = Toy(tmp_path, np.repeat(np.arange(80), 4), noise=0.7, failed=[0])
    options = {**OPTIONS, "strangers": 0, "indexes": [spec("flat")]}
    _, outcomes = toy.run("indices", options={"indices": options})
    assert len(outcomes) == 160
    failed = outcomes[outcomes.image_id == toy.table.image_id[0]]
    assert len(failed) == 1
    assert not failed[["found by exact", "found by flat"]].to_numpy().any()


def test_nobody_with_two_pictures_is_a_sentence(tmp_path):
    toy = Toy(tmp_path, np.arange(20), noise=0.5)
    metrics, _ = toy.run("indices", options={"indices": OPTIONS})
    assert metrics.value.isna().all()
    assert "Nobody has two usable" in toy.record("indices")["refused"]["rank1@exact"]


def test_one_person_alone_makes_no_strangers(tmp_path):
    toy = Toy(tmp_path, np.zeros(8, int), noise=0.5)
    metrics, _ = toy.run("indices", options={"indices": OPTIONS})
    assert metrics.value.isna().all()
    assert "there is only one person" in toy.record("indices")["refused"]["rank1@exact"]


def test_what_is_shared_is_counted_whatever_the_order():
    assert shared(np.array([[3, 1, -1]]), np.array([[1, 2, 3]])) == pytest.approx([2 / 3])
