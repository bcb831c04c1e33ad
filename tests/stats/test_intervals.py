"""Intervals cover what they should, and p-values are those of the definition."""

from itertools import product

import numpy as np
import pytest

from facebench.stats.enough_data import why_unmeasurable
from facebench.stats.intervals import (
    difference_interval,
    effective_people,
    identity_draws,
    pair_variance,
    percentiles,
    rate_interval,
    rates_by_person,
    resampled_ratio,
    totals,
)
from facebench.stats.significance import holm, normal_p, sign_flip_p


def test_draws_are_of_people_and_do_not_depend_on_the_blocks():
    whole = np.concatenate(list(identity_draws(30, 200, seed=1)))
    assert (whole.sum(axis=1) == 30).all()
    assert whole.var() == pytest.approx(1 - 1 / 30, rel=0.05)
    pieces = np.concatenate(list(identity_draws(30, 200, seed=1, cells=100)))
    assert (pieces == whole).all()
    assert not (np.concatenate(list(identity_draws(30, 200, seed=2))) == whole).all()


def test_the_ratio_of_a_draw_is_that_of_the_copied_people():
    random = np.random.default_rng(0)
    person, hit = random.integers(8, size=40), random.random((40, 2)) < 0.4
    counts = totals(np.ones(40), person, 8)[:, None]
    found = resampled_ratio(totals(hit, person, 8), counts, draws=20, seed=3)
    for weights, shares in zip(np.concatenate(list(identity_draws(8, 20, 3))), found, strict=True):
        copies = np.repeat(hit, weights[person].astype(int), axis=0)
        assert shares == pytest.approx(copies.mean(axis=0))


@pytest.mark.parametrize(
    ("people", "mean", "agreement"), [(24, 0.9, 5), (40, 0.97, 8), (150, 0.6, 2), (400, 0.995, 10)]
)
def test_intervals_of_rates_cover_the_truth(people, mean, agreement):
    """People differ in how often they are recognised; their numbers of pictures do too."""
    random = np.random.default_rng(people)
    covered = []
    for _ in range(300):
        pictures = 1 + random.geometric(0.3, people)
        own = random.beta(mean * agreement, (1 - mean) * agreement, people)
        identity = np.repeat(np.arange(people), pictures)
        hits = random.random(len(identity)) < own[identity]
        [(_, (low, high))] = rates_by_person(hits[:, None], identity, 200, 0.95, seed=0)
        covered.append(low <= mean <= high)
    assert 0.91 <= np.mean(covered) <= 0.995


def test_intervals_of_pictures_as_if_independent_would_be_too_narrow():
    random = np.random.default_rng(0)
    identity = np.repeat(np.arange(50), 20)
    hits = (random.random(50) < 0.5)[identity]
    [(mean, (low, high))] = rates_by_person(hits[:, None], identity, 500, 0.95, seed=0)
    alone = 2 * 1.96 * np.sqrt(mean * (1 - mean) / len(hits))
    assert high - low > 3 * alone


def test_intervals_of_differences_cover_the_truth():
    random = np.random.default_rng(1)
    covered = []
    for _ in range(300):
        pictures = 1 + random.geometric(0.3, 40)
        person = np.repeat(np.arange(40), pictures)
        ease = random.beta(3, 2, 40)[person]
        values = (random.random(len(person)) < ease) * 1.0 - (random.random(len(person)) < ease)
        draws = resampled_ratio(
            totals(values, person, 40)[:, None], pictures[:, None], draws=200, seed=0
        )
        low, high = difference_interval(
            values.mean(), draws.var(), effective_people(pictures), 0.95
        )
        covered.append(low <= 0 <= high)
    assert 0.91 <= np.mean(covered) <= 0.985


def test_everything_right_is_not_certainty():
    [(mean, (low, high))] = rates_by_person(np.ones((30, 1)), np.arange(30), 100, 0.95, seed=0)
    assert mean == high == 1 and 0.8 < low < 0.95
    assert np.isnan(rates_by_person(np.ones((5, 1)), np.zeros(5), 100, 0.95, seed=0)[0][1]).all()
    [(mean, interval)] = rates_by_person(np.ones((0, 1)), np.zeros(0), 100, 0.95, seed=0)
    assert np.isnan(mean) and np.isnan(interval).all()


def test_infinite_samples_have_percentiles():
    assert percentiles(np.array([1.0, 2, np.inf, np.nan]), 0.5) == (1, np.inf)
    assert np.isnan(percentiles(np.array([np.nan]), 0.95)).all()


def test_the_variance_of_pairs_counts_all_pairs_that_share_a_person():
    random = np.random.default_rng(0)
    first, second = random.integers(10, size=(2, 50))
    residuals = random.random(10)[first] + random.random(10)[second]
    residuals -= residuals.mean()
    total = sum(
        residuals[p] * residuals[q]
        for p, q in product(range(50), repeat=2)
        if {first[p], second[p]} & {first[q], second[q]}
    )
    assert pair_variance(residuals, first, second) == pytest.approx(total / 50**2)


@pytest.mark.parametrize("seed", range(4))
def test_sign_flips_give_the_share_of_all_choices(seed):
    differences = np.random.default_rng(seed).integers(-3, 5, size=10)
    seen = abs(differences.sum())
    sums = [np.dot(signs, differences) for signs in product([-1, 1], repeat=10)]
    expected = np.mean(np.abs(sums) >= seen)
    assert sign_flip_p(differences) == pytest.approx(expected)


def test_sign_flips_of_many_people_and_of_none():
    assert sign_flip_p(np.array([5] * 200)) == 1e-12
    assert sign_flip_p(np.zeros(5)) == 1
    random = np.random.default_rng(0)
    differences = random.integers(-20, 21, size=5000)
    normal = normal_p(differences.sum(), np.sum(differences**2))
    assert sign_flip_p(differences) == pytest.approx(normal, abs=0.01)
    with pytest.raises(ValueError, match="whole numbers"):
        sign_flip_p(np.array([0.5]))


def test_holm_of_nothing():
    assert len(holm([])) == 0


def test_a_rate_needs_errors_enough_of_pictures_and_of_people():
    assert why_unmeasurable(0.01, "FAR", 1000, 1000) is None
    assert "9.9 errors" in why_unmeasurable(0.01, "FAR", 990, 10**6)
    assert "pairs of people" in why_unmeasurable(0.01, "FAR", 10**6, 45)
    assert "without a mate" in why_unmeasurable(0.003, "FPIR", 1000, 10**6)


def test_a_rate_interval_needs_two_people():
    assert np.isnan(rate_interval(0.5, 0.01, 1.0, 0.95)).all()


def test_holm_is_statsmodels_to_the_last_digit():
    from statsmodels.stats.multitest import multipletests

    random = np.random.default_rng(0)
    for size in (1, 2, 15, 60):
        for p_values in (random.random(size) ** 6, random.random(size).round(1)):
            expected = multipletests(p_values, method="holm")[1]
            assert holm(p_values.tolist()).tolist() == expected.tolist()
