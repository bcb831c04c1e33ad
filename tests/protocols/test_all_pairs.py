"""Every pair of pictures, against plain code that holds all scores, and by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from facebench.errors import UserError
from facebench.evaluation import pair_decisions
from facebench.evaluation.verify import intervals, threshold_interval
from facebench.protocols.verify import verify
from facebench.store.tables import read_table
from facebench.study import measurable, plan
from tests.toys.evaluation import OPTIONS, STATISTICS, Toy, usual
from tools.coverage.worlds import Photographs

RATES = ("0.1", "0.02")
ASKED = {**OPTIONS, "all_pairs": {"fmr": [0.1, 0.02], "images": 20000}}


def plain(toy, chosen=None):
    """Return {(metric, at): value}: the whole matrix of scores, as published code makes it."""
    used = (toy.table.status != "duplicate").to_numpy()
    if chosen is not None:
        used = used & toy.table.path.isin(chosen).to_numpy()
    table, rows = toy.table[used], toy.table.index[used]
    ok = np.flatnonzero(toy.table.status == "ok")
    place = {row: i for i, row in enumerate(ok)}
    vectors = np.load(toy.vectors.embeddings[0]).astype(float)
    scores = np.full((len(table), len(table)), -2.0)
    usable = np.array([row in place for row in rows])
    mine = vectors[[place[row] for row in rows[usable]]]
    scores[np.ix_(usable, usable)] = (mine @ mine.T).round(12)
    same = np.equal.outer(table.identity.to_numpy(), table.identity.to_numpy())
    once = np.triu_indices(len(table), 1)
    found = {}
    for metric, labels, values in (
        ("tmr", same[once], scores[once]),
        ("tmr_with_itself", same.ravel(), scores.ravel()),
    ):
        false, true, _ = roc_curve(labels, values, drop_intermediate=False)
        for rate in RATES:
            found[metric, rate] = true[false <= float(rate) + 1e-12].max()
    return found


def test_the_numbers_are_those_of_the_whole_matrix_of_scores(tmp_path):
    toy = usual(tmp_path)
    metrics, outcomes = toy.run("all_pairs", options=ASKED)
    for key, value in plain(toy).items():
        assert metrics.value[key] == pytest.approx(value), key
    # The diagonal adds as many mates as there are pictures, nearly all of which are accepted.
    assert (metrics.value["tmr_with_itself"] > metrics.value["tmr"]).all()
    assert outcomes["right_pairs"].sum() == 100 * 6 - 3  # one picture is a copy
    assert {"right_accepted@0.1", "wrong_accepted@0.02"} <= set(outcomes.columns)


def test_the_diagonal_by_hand():
    """Two pictures of one person that differ, and two people who look alike."""
    vectors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0.6, 0.8]], np.float32)
    people = np.array([0, 0, 1, 2])
    found = verify(vectors, np.arange(4), people, 3, np.array([0.2]), draws=20, seed=0)
    # Five pairs of two people, one of which may pass: 0.8. The pair of one person scores 0.
    assert found.threshold[0] == pytest.approx(0.8)
    assert found.tar[0] == 0
    # In the square matrix that pair is there twice, beside four pictures with themselves.
    assert found.tar_with_itself[0] == pytest.approx(4 / (2 + 4))
    # A picture that failed isn't like itself, and is counted.
    rows = np.array([0, -1, 1, 2])
    found = verify(vectors[[0, 2, 3]], rows, people, 3, np.array([0.2]), draws=20, seed=0)
    assert found.tar_with_itself[0] == pytest.approx(3 / (2 + 4))


def test_equal_vectors_of_everybody_are_not_even_like_themselves(tmp_path):
    toy = Toy(tmp_path, np.repeat(np.arange(30), 4), noise=0.5)
    rows = np.load(toy.vectors.embeddings[0])
    np.save(toy.vectors.embeddings[0], np.tile(rows[:1], (len(rows), 1)))
    metrics, _ = toy.run("all_pairs", options=ASKED)
    # A threshold that one pair passes would let all pass.
    assert metrics.value["tmr", "0.1"] == metrics.value["tmr_with_itself", "0.1"] == 0


def test_failures_are_non_matches_in_every_denominator(tmp_path):
    people = np.repeat(np.arange(60), 4)
    (tmp_path / "some").mkdir()
    toy = Toy(tmp_path / "some", people, noise=0, failed=[0, 4, 8])
    metrics, _ = toy.run("all_pairs", options=ASKED)
    # Perfect otherwise: each of three people lost three of six pairs.
    assert metrics.value["tmr", "0.1"] == pytest.approx(1 - 9 / 360)
    assert metrics.value["tmr_with_itself", "0.1"] == pytest.approx(1 - (2 * 9 + 3) / (720 + 240))
    assert (metrics.n_failed == 3).all() and (metrics.n_images == 240).all()


def test_what_the_data_cannot_resolve_is_refused_in_words(tmp_path):
    toy = usual(tmp_path)
    metrics, _ = toy.run("all_pairs")
    refused = toy.record("all_pairs")["refused"]
    for metric in ("tmr", "tmr_with_itself"):
        assert np.isnan(metrics.value[metric, "0.0001"])
        assert refused[f"{metric}@0.0001"].startswith("FMR 0.0001 is refused: ")
    few = {**ASKED, "all_pairs": {"fmr": [0.1], "images": 100}}
    metrics, outcomes = toy.run("all_pairs", options=few)
    assert metrics.value.isna().all() and len(outcomes) == 160
    assert "459 pictures are more than" in toy.record("all_pairs")["refused"]["tmr@0.1"]


def test_a_named_list_is_measured_like_a_data_set_of_its_own(tmp_path):
    toy = usual(tmp_path)
    listed = toy.table.path[:240]
    lists = {"half": str(tmp_path / "half.txt")}
    (tmp_path / "half.txt").write_text("\n".join(listed) + "\n\n")
    metrics, _ = toy.run("all_pairs", options=ASKED, lists=lists)
    for (metric, rate), value in plain(toy, set(listed)).items():
        row = metrics.loc[(metric, f"{rate}/half")]
        assert row.value == pytest.approx(value) and row.ci_low <= value <= row.ci_high
        assert (row.n_images, row.n_identities) == (239, 60)
    for key, value in plain(toy).items():
        assert metrics.value[key] == pytest.approx(value)
    # Another list under the same name makes other numbers.
    (tmp_path / "half.txt").write_text("\n".join(listed[:200]))
    metrics, _ = toy.run("all_pairs", options=ASKED, lists=lists)
    assert metrics.n_images["tmr", "0.1/half"] == 199


def test_a_list_with_the_path_of_no_picture_is_refused(tmp_path):
    toy = usual(tmp_path)
    (tmp_path / "odd.txt").write_text("p0/0.jpg\np0/none.jpg\nnowhere.jpg\n")
    with pytest.raises(UserError, match=r"odd: .* lists p0/none.jpg and 1 others, and toy has no"):
        toy.run("all_pairs", options=ASKED, lists={"odd": str(tmp_path / "odd.txt")})


def test_protocols_of_one_job_score_the_same_pairs_once(tmp_path, monkeypatch):
    calls = []
    made = pair_decisions.verify
    monkeypatch.setattr(pair_decisions, "verify", lambda *a: calls.append(a) or made(*a))
    toy = usual(tmp_path)
    toy.run("verify", "all_pairs")
    assert len(calls) == 1
    verified, all_pairs = (read_table(toy.metrics(name)) for name in ("verify", "all_pairs"))
    mine = all_pairs[all_pairs.metric == "tmr"][["value", "ci_low", "ci_high"]].to_numpy()
    theirs = verified[verified.metric == "tar"][["value", "ci_low", "ci_high"]].to_numpy()
    np.testing.assert_array_equal(mine, theirs)
    # Other rates, draws or seeds are other decisions.
    toy.run("all_pairs", options=ASKED)
    toy.run("all_pairs", statistics={**STATISTICS, "seed": 1})
    assert len(calls) == 3


def test_intervals_cover_the_truth_with_and_without_the_diagonal():
    """The truth is the mean over many samples of people; 95 are asked, of few samples."""
    rates, made = np.array([0.05]), []
    for seed in range(80):
        world = Photographs(np.random.default_rng(seed), 30, "unequal", 0.7)
        found = verify(world.vectors, world.rows, world.people, 30, rates, 100, 0)
        known = intervals(found, 0.95)
        made.append([(found.tar[0], *known["tar", 0][0]),
                     (found.tar_with_itself[0], *known["tar_with_itself", 0][0]),
                     (found.threshold[0], *threshold_interval(found, 0, 0.95))])  # fmt: skip
    for value, low, high in np.array(made).transpose(1, 2, 0):
        truth = value.mean()
        assert 0.88 <= np.mean((low <= truth) & (truth <= high)) <= 1
        assert (high - low).mean() < 8 * value.std()


def test_a_job_reads_the_lists_of_its_data_set_and_options_leave_them_out():
    named = {"half": {"dataset": "toy", "file": "half.txt"}, "x": {"dataset": "b", "file": "b"}}
    config = {"all_pairs": {"fmr": [0.1], "lists": named}, "datasets": {"toy": {"reader": "lfw"}}}
    assert plan.lists(config, "toy") == {"half": "half.txt"}
    assert plan.options_of(config, "all_pairs") == {"fmr": [0.1]}
    with pytest.raises(UserError, match=r"all_pairs.lists.x.dataset names 'b'; allowed: toy"):
        measurable.something_to_measure({**config, "evaluate": {"datasets": ["toy"]}})
