"""View 2 and verification, against scikit-learn and by hand; failures stay in the denominators."""

import numpy as np
import pytest
from scipy.optimize import brentq
from sklearn.metrics import roc_auc_score, roc_curve

from facebench.protocols import pairs, roc
from facebench.protocols.pair_weights import RightPairs, WrongPairs
from facebench.protocols.pairs import all_pairs
from facebench.protocols.thresholds import Curve
from facebench.protocols.verify import verify
from facebench.protocols.view2 import best_threshold, curve_draws, histograms, view2

RATES = np.array([0.1, 0.02])


@pytest.fixture
def faces():
    """Embeddings of 120 pictures of 20 people, and who they show, in no order."""
    random = np.random.default_rng(5)
    people = random.permutation(np.repeat(np.arange(20), [25, 15, *[5] * 10, *[4] * 6, *[3] * 2]))
    centres = random.standard_normal((20, 16))
    embeddings = centres[people] + random.standard_normal((len(people), 16)) * 1.3
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    return embeddings.astype(np.float32), people


def listed(embeddings, people):
    """Return scores, whether of one person, and the people, of all pairs."""
    first, second = np.triu_indices(len(people), 1)
    scores = (embeddings @ embeddings.T)[first, second]
    return scores, people[first] == people[second], people[first], people[second]


def test_view2_takes_each_threshold_from_the_other_folds():
    # Fold 1 is separated at 0.5, fold 2 at 0.3, fold 3 at 0.7; each is judged by the others.
    scores = np.array([0.6, 0.4, 0.35, 0.25, 0.75, 0.65])
    same = np.array([True, False] * 3)
    fold = np.array([1, 1, 2, 2, 3, 3])
    found = view2(scores, same, fold)
    # Without fold 1: 0.25F 0.35T 0.65F 0.75T, best at 0.3 and 0.7: the lower one.
    # Without fold 2: 0.4F 0.6T 0.65F 0.75T, best at 0.5 and 0.7; without fold 3: 0.25F 0.35T ...
    assert found.thresholds == pytest.approx([0.3, 0.5, 0.3])
    assert found.accuracies == pytest.approx([0.5, 0.5, 0.5])
    assert found.correct.tolist() == [True, False, False, True, True, False]
    assert found.standard_error == 0


def test_the_standard_error_is_not_the_standard_deviation():
    scores = np.array([0.9, 0.1, 0.9, 0.1, 0.1, 0.1])
    found = view2(scores, np.array([True, False] * 3), np.array([0, 0, 1, 1, 2, 2]))
    assert found.accuracies.tolist() == [1, 1, 0.5]
    assert found.standard_error == pytest.approx(np.sqrt(1 / 12) / np.sqrt(3))


def test_a_pair_that_failed_is_decided_different():
    scores = np.array([0.9, 0.1, -np.inf, -np.inf])
    found = view2(scores, np.array([True, False, True, False]), np.array([1, 1, 2, 2]))
    assert found.correct[2:].tolist() == [False, True]
    # Even where the threshold lets everything through: no score is lower than failing.
    assert best_threshold(np.array([0.2, 0.4, -np.inf]), np.array([True, True, True])) == 0.2


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_is_better_than_the_best(seed):
    random = np.random.default_rng(seed)
    scores = random.integers(12, size=40) / 10
    same = random.random(40) < 0.5
    chosen = best_threshold(scores, same)
    tried = [((scores >= cut) == same).mean() for cut in np.arange(-0.05, 2, 0.05)]
    assert ((scores >= chosen) == same).mean() == max(tried)


def test_area_and_equal_error_agree_with_scikit_learn(faces):
    scores, same, *_ = listed(*faces)
    counts = histograms(scores, same, np.ones(len(scores)))
    assert roc.auc(*counts) == pytest.approx(roc_auc_score(same, scores))
    false, true, _ = roc_curve(same, scores, drop_intermediate=False)
    expected = brentq(lambda x: 1 - x - np.interp(x, false, true), 0, 1)
    assert roc.eer(*counts) == pytest.approx(expected, abs=1e-9)


def test_draws_of_listed_pairs_centre_on_the_value(faces):
    scores, same, first, second = listed(*faces)
    counts = histograms(scores, same, np.ones(len(scores)))
    areas, errors = curve_draws(scores, same, first, second, 20, draws=200, seed=0)
    assert areas.mean() == pytest.approx(roc.auc(*counts), abs=0.02)
    assert errors.mean() == pytest.approx(roc.eer(*counts), abs=0.03)


@pytest.mark.parametrize("side", [7, 2**9])
def test_all_pairs_are_scored_once(faces, monkeypatch, side):
    monkeypatch.setattr(pairs, "SIDE", side)
    embeddings, people = faces
    scores, same, first, second = listed(embeddings, people)
    found = all_pairs(embeddings, people, 20, tail=100)
    assert np.sort(found.right) == pytest.approx(np.sort(scores[same]), abs=1e-6)
    assert np.bincount(found.right_person) == pytest.approx(np.bincount(first[same]))
    assert found.wrong_counts.sum() == (~same).sum()
    highest = np.sort(scores[~same])[::-1]
    kept = np.sort(found.wrong)[::-1]
    assert 100 <= len(kept) < 300
    assert kept == pytest.approx(highest[: len(kept)], abs=1e-6)
    both = np.bincount(np.concatenate([first[~same], second[~same]]))
    assert found.wrong_by_person.sum(axis=1) == pytest.approx(both)
    assert found.right_by_person.sum(axis=1) == pytest.approx(np.bincount(first[same]))


def test_verification_agrees_with_scikit_learn(faces):
    embeddings, people = faces
    scores, same, first, second = listed(embeddings, people)
    found = verify(embeddings, np.arange(len(people)), people, 20, RATES, draws=50, seed=0)
    for rate, tar, threshold in zip(RATES, found.tar, found.threshold, strict=True):
        allowed = int(rate * (~same).sum())
        least = np.sort(scores[~same])[-allowed]
        assert threshold == pytest.approx(least, abs=1e-6)
        assert tar == pytest.approx((scores[same] >= least - 1e-7).mean())
    assert found.auc == pytest.approx(roc_auc_score(same, scores), abs=1e-4)
    false, true, _ = roc_curve(same, scores, drop_intermediate=False)
    expected = brentq(lambda x: 1 - x - np.interp(x, false, true), 0, 1)
    assert found.eer == pytest.approx(expected, abs=2e-3)
    own = [(scores[same & (first == p)] >= found.threshold[0] - 1e-7).mean() for p in range(20)]
    assert found.tar_person[0] == pytest.approx(np.mean(own))
    assert found.wrong_accepted[:, 1].sum() == 2 * int(0.02 * (~same).sum())
    assert found.right_accepted[:, 0].sum() == found.tar[0] * same.sum()


def test_the_draws_of_verification_are_those_of_weighted_pairs(faces):
    """A draw, done slowly: copies of people, pairs of a person with its own copy left out."""
    from facebench.stats.intervals import identity_draws

    embeddings, people = faces
    scores, same, first, second = listed(embeddings, people)
    found = verify(embeddings, np.arange(len(people)), people, 20, RATES, draws=20, seed=4)
    weights = np.concatenate(list(identity_draws(20, 20, seed=4)))
    areas = []
    for draw, limits, weight in zip(found.draws, found.threshold_draws, weights, strict=True):
        wrong = np.repeat(scores[~same], (weight[first] * weight[second])[~same].astype(int))
        right = np.repeat(scores[same], weight[first][same].astype(int))
        for i, rate in enumerate(RATES):
            ordered = np.sort(wrong)[::-1]
            allowed = int(rate * len(ordered) + 1e-9)
            # Copies of a pair pass together or not at all.
            while allowed and allowed < len(ordered) and ordered[allowed] == ordered[allowed - 1]:
                allowed -= 1
            least = ordered[allowed - 1] if allowed else np.nextafter(ordered[0], np.float32(2))
            assert draw[i] == pytest.approx((right >= least - 1e-7).mean(), abs=1e-6)
            assert limits[i] == pytest.approx(least, abs=1e-6)
        kind = np.repeat([True, False], [len(right), len(wrong)])
        areas.append(roc_auc_score(kind, np.concatenate([right, wrong])))
    # These leave the products of deviations out, which twenty people still feel.
    assert np.corrcoef(areas, found.draws[:, -2])[0, 1] > 0.9
    assert found.draws[:, -2].std() == pytest.approx(np.std(areas), rel=0.2)


@pytest.mark.parametrize("levels", [4, 40, 10**6], ids=["few scores", "some", "all differ"])
def test_weights_of_parts_of_a_list_are_those_of_its_single_pairs(levels):
    """Against the curve that weighs every pair in every draw, with equal scores and without."""
    random = np.random.default_rng(levels)
    rates, people = np.array([0.5, 0.1, 0.01, 0.0]), 12
    who = random.integers(people, size=(500, 2))
    wrong, right = (random.integers(levels, size=n) / 8 for n in (500, 300))
    own, columns = random.integers(people, size=300), random.integers(3, size=(300, 2)) + 0.5
    draws = random.integers(3, size=(40, people)).astype(np.float32)
    draws[0], draws[1] = 0, 1  # a draw of nobody, and everybody once
    attempts = 1.5 * (draws[:, who[:, 0]] * draws[:, who[:, 1]]).sum(axis=1)
    curve = Curve(right, wrong)
    first, second = who[curve.wrong_order].T
    mine = draws[:, own[curve.right_order], None] * columns[curve.right_order]
    expected = curve.at(rates, attempts, mine, draws[:, first] * draws[:, second])
    found = WrongPairs(wrong, who, people)(draws, np.outer(attempts, rates) * (1 + 1e-9))
    assert (found.threshold == expected.threshold).all()
    assert (found.ended == expected.ended).all()
    above = RightPairs(right, own, columns, people)(draws, found.threshold)
    assert above == pytest.approx(expected.right)


def test_more_pictures_than_are_looked_at_give_the_same_pairs(faces, monkeypatch):
    """Where a part of the pictures says how to divide the scores, and where it says it wrongly."""
    embeddings, people = faces
    whole = all_pairs(embeddings, people, 20, tail=300)
    for spare in (1.25, 0.01):
        monkeypatch.setattr(pairs, "LOOKED_AT", 40)
        monkeypatch.setattr(pairs, "SPARE", spare)
        found = all_pairs(embeddings, people, 20, tail=300)
        kept = np.sort(found.wrong)[::-1]
        assert 300 <= len(kept) < 320
        assert (kept[:300] == np.sort(whole.wrong)[::-1][:300]).all()
        assert found.wrong_counts.sum() == whole.wrong_counts.sum()
        shares = [roc.auc(one.right_counts, one.wrong_counts) for one in (found, whole)]
        assert shares[0] == pytest.approx(shares[1], abs=1e-3)


def test_pairs_that_failed_are_different_and_counted(faces):
    embeddings, people = faces
    everyone = np.arange(len(people))
    whole = verify(embeddings, everyone, people, 20, RATES, draws=20, seed=0)
    rows = everyone.copy()
    rows[[0, 7, 30]] = -1
    found = verify(embeddings, rows, people, 20, RATES, draws=20, seed=0)
    assert (found.right_pairs == whole.right_pairs).all()
    assert found.wrong_pairs == whole.wrong_pairs
    first, second = np.triu_indices(len(people), 1)
    scores = (embeddings @ embeddings.T)[first, second]
    scores[(rows[first] < 0) | (rows[second] < 0)] = -2
    same = people[first] == people[second]
    least = np.sort(scores[~same])[-int(0.1 * (~same).sum())]
    assert found.tar[0] == pytest.approx((scores[same] >= least - 1e-7).mean())
    assert found.auc == pytest.approx(roc_auc_score(same, scores), abs=1e-4)


def test_perfect_and_meaningless_embeddings():
    people = np.repeat(np.arange(30), 4)
    everyone = np.arange(120)
    perfect = np.eye(30, dtype=np.float32)[people]
    found = verify(perfect, everyone, people, 30, RATES, draws=20, seed=0)
    assert found.tar.tolist() == [1, 1] and found.auc == 1 and found.eer == 0
    same = np.ones((120, 1), np.float32)
    found = verify(same, everyone, people, 30, RATES, draws=20, seed=0)
    assert found.tar.tolist() == [0, 0]  # a threshold that lets one pair through lets all through
    assert found.auc == 0.5 and found.eer == 0.5


@pytest.mark.parametrize("people", [np.zeros(5, int), np.arange(5)], ids=["one", "all-different"])
def test_pairs_of_one_kind_only_give_nan_without_a_crash(people):
    embeddings = np.eye(5, dtype=np.float32)
    found = verify(embeddings, np.arange(5), people, people.max() + 1, RATES, draws=5, seed=0)
    assert np.isnan(found.auc) and np.isnan(found.eer)


def test_all_failed_accepts_nothing():
    people = np.repeat(np.arange(4), 3)
    nothing = np.zeros((0, 8), np.float32)
    found = verify(nothing, np.full(12, -1), people, 4, RATES, draws=5, seed=0)
    assert found.tar.tolist() == [0, 0] and found.auc == 0.5


def test_thresholds_never_let_more_through_than_allowed():
    random = np.random.default_rng(0)
    for _ in range(50):
        wrong = random.integers(6, size=20).astype(float)
        rate = random.random()
        once = np.ones((1, 20))
        points = Curve(wrong[:1], wrong).at(np.array([rate]), np.array([20]), once[:, :1], once)
        passed = (wrong >= points.threshold.item()).sum()
        assert passed == points.wrong.item() <= rate * 20
        lower = wrong[wrong < points.threshold.item()]
        assert not len(lower) or (wrong >= lower.max()).sum() > rate * 20
