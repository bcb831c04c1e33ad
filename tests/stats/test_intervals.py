"""Intervals cover what they should, and p-values are those of the definition."""

from itertools import product

import numpy as np
import pytest

from facebench.stats.enough_data import why_unmeasurable
from facebench.stats.intervals import (
    identity_draws,
    pair_variance,
    percentiles,
    rate_interval,
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
