"""Confidence in names: on arrays whose answer is known, and through the protocol."""

import json

import numpy as np
import pytest

from facebench.errors import UserError
from facebench.evaluation.calibration_numbers import drawn_errors
from facebench.protocols.confidence import calibration_error, called, equal_bins, softmax
from facebench.protocols.open_set_by_name import searches_by_name
from tests.toys.evaluation import STATISTICS, Toy

OPTIONS = {"halvings": 3, "fpir": [0.4, 0.001], "confidences": [0.5, 0.9], "scale": 0, "bins": 5}


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture
def random():
    return np.random.default_rng(0)


def test_confidences_are_those_of_scipy_and_places_those_of_sorting(random):
    from scipy.special import softmax as judge

    vectors, texts = unit(random.standard_normal((40, 8))), unit(random.standard_normal((11, 8)))
    truth = random.integers(-1, 11, size=40)
    found = called(vectors, texts, truth, scale=7.0)
    sure = judge(7.0 * (vectors.astype(float) @ texts.T.astype(float)), axis=1)
    for i, true in enumerate(truth):
        order = np.argsort(-sure[i])
        assert found.name[i] == order[0]
        assert found.confidence[i] == pytest.approx(sure[i].max())
        others = order[order != true]
        assert found.other[i] == others[0]
        assert found.other_confidence[i] == pytest.approx(sure[i, others[0]])
        place = np.flatnonzero(order == true)[0] + 1 if true >= 0 else np.inf
        assert found.rank[i] == place
        assert found.true[i] == (pytest.approx(sure[i, true]) if true >= 0 else -np.inf)


def test_a_large_scale_overflows_nothing():
    assert softmax(np.array([[1e6, 0.0], [0.0, 0.0]])).tolist() == [[1, 0], [0.5, 0.5]]


def test_a_model_that_is_as_often_right_as_it_is_sure_has_no_error(random):
    sure = random.random(200_000)
    right = (random.random(200_000) < sure).astype(float)
    once = np.ones((1, 200_000))
    assert calibration_error(sure, right, 15, once)[0] < 0.01
    # Always sure by 0.2 too much: the error is that.
    assert calibration_error(np.minimum(sure * 0.8 + 0.2, 1), right, 1, once)[0] == (
        pytest.approx(0.1, abs=0.01)
    )
    assert np.bincount(equal_bins(sure, 15)).std() < 1


def test_weights_are_copies(random):
    sure, right = random.random(60), random.integers(2, size=60).astype(float)
    weights = random.integers(1, 4, size=(1, 60))
    copied = np.repeat(np.arange(60), weights[0])
    again = calibration_error(sure[copied], right[copied], 1, np.ones((1, len(copied))))
    assert calibration_error(sure, right, 1, weights) == pytest.approx(again)


def test_intervals_of_the_calibration_error_cover_it(random):
    statistics = {**STATISTICS, "draws": 100}
    covered = []
    for _ in range(120):
        people = np.repeat(np.arange(100), 4)
        sure = random.uniform(0.3, 0.9, 400)
        right = (random.random(400) < sure - 0.15).astype(float)  # too sure by 0.15
        error = calibration_error(sure, right, 10, np.ones((1, 400)))[0]
        draws = drawn_errors(sure, right, people, 10, statistics)
        low, high = 2 * error - np.quantile(draws, [0.975, 0.025])
        covered.append(low <= 0.15 <= high)
    assert np.mean(covered) > 0.85


def test_a_half_is_searched_among_its_own_names_and_the_wrong_ones(random):
    texts, wrong = unit(random.standard_normal((10, 16))), unit(random.standard_normal((4, 16)))
    people = np.repeat(np.arange(10), 2)
    rows = np.where(np.arange(20) == 3, -1, np.arange(20))
    done = searches_by_name(texts[people], rows, people, texts, wrong, 30.0, 2, seed=0)
    assert len(done.picture) == 2 * 2 * 20 and done.mated.sum() == 2 * 20
    tried = rows[done.picture] >= 0
    assert (done.rank[done.mated & tried] == 1).all()
    assert np.isinf(done.rank[~done.mated]).all() and np.isinf(done.rank[~tried]).all()
    for number in (0, 1):
        for side in (0, 1):
            here = (done.halving == number) & (done.half == side)
            enrolled = set(people[done.picture[here & done.mated]])
            named = done.other[here & tried]
            assert set(named[named < 10]) <= enrolled and len(enrolled) == 5


@pytest.fixture
def toy(tmp_path):
    """60 people whose names the model knows, with three pictures each."""
    return Toy(tmp_path, np.repeat(np.arange(60), 3), noise=0.6, failed=[0, 4])


def run(toy, **options):
    return toy.run("open_set_by_name", options={"open_set_by_name": {**OPTIONS, **options}})


def test_strangers_set_the_threshold_and_the_numbers_are_those_of_the_searches(toy):
    metrics, outcomes = run(toy)
    value = metrics.value
    for pool in ("", " read"):
        assert value["tpir", f"0.4{pool}"] > 0.8
        assert value["stranger_named", f"0.9{pool}"] <= value["stranger_named", f"0.5{pool}"]
        row = metrics.loc["stranger_named", f"0.5{pool}"]
        assert row.ci_low < row.value < row.ci_high < metrics.ci_low["right_named", f"0.5{pool}"]
        assert (
            value["stranger_confidence", f"0.5{pool}"] < value["stranger_confidence", f"0.9{pool}"]
        )
        assert np.isnan(value["fnir", f"0.001{pool}"])
    refused = toy.record("open_set_by_name")["refused"]
    assert "searches without a mate" in refused["fnir@0.001 read"]
    assert len(outcomes) == 180 and outcomes.called.isna().sum() == 2
    right = outcomes.called == [f"Person {who}" for who in toy.people]
    assert (right == (outcomes["rank"] == 1)).all() and right.mean() > 0.8
    shares = [value["bin_right", f"{number} read"] for number in range(1, 6)]
    usable = outcomes[~outcomes.failed]
    assert np.mean(shares) == pytest.approx((usable["rank"] == 1).mean(), abs=0.01)
    assert toy.record("open_set_by_name")["scale"] == 20


def test_a_sharper_scale_is_surer_and_names_the_same(toy):
    metrics, usual = run(toy)
    _, sharp = run(toy, scale=200)
    assert sharp.called.equals(usual.called)
    assert (sharp.confidence >= usual.confidence).all()
    for metric in ("overconfidence", "calibration_error"):
        row = metrics.loc[metric, ""]
        assert row.ci_low <= row.value <= row.ci_high
    assert 0 < row.value < metrics.value["calibration_error_uncorrected", ""]


def test_too_few_pictures_have_no_calibration_and_no_scale_is_told(toy):
    metrics, _ = run(toy, bins=20)
    assert np.isnan(metrics.value["calibration_error", ""])
    assert (
        "lower open_set_by_name.bins"
        in (toy.record("open_set_by_name")["refused"]["calibration_error"])
    )
    with np.load(toy.files["names"]) as file:
        kept = dict(file)
    np.savez(toy.files["names"], **{**kept, "record": np.array(json.dumps({}))})
    with pytest.raises(UserError, match=r"set open_set_by_name.scale, 100 for a CLIP"):
        run(toy, halvings=1)
