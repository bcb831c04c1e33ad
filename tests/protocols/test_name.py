"""Naming among some of the names: the closed form against drawing candidates."""

import numpy as np
import pytest

from facebench.protocols.name import averaged, expected_rank, median_draws, within


@pytest.mark.parametrize(("place", "k"), [(1, 1), (4, 1), (9, 1), (9, 5), (40, 5)])
def test_the_chance_is_that_of_drawn_candidates(place, k):
    random = np.random.default_rng(0)
    names, candidates = 50, 12
    others = np.delete(np.arange(1, names + 1), place - 1)  # the places of the other names
    drawn = np.array([random.choice(others, candidates - 1, replace=False) for _ in range(4000)])
    ahead = (drawn < place).sum(axis=1)
    places = np.array([place])
    assert within(places, k, candidates, names)[0] == pytest.approx((ahead < k).mean(), abs=0.03)
    mean = expected_rank(places, candidates, names)[0]
    assert mean == pytest.approx(1 + ahead.mean(), abs=0.1)


def test_among_all_names_the_place_is_the_place():
    places = np.array([1.0, 5, 6, np.inf])
    assert within(places, 5, 30, 30).tolist() == [1, 1, 0, 0]
    assert expected_rank(places, 30, 30).tolist() == [1, 5, 6, np.inf]


def test_random_places_give_chance():
    places = np.arange(1, 201)
    assert within(places, 1, 100, 200).mean() == pytest.approx(1 / 100)
    assert within(places, 5, 20, 200).mean() == pytest.approx(5 / 20)
    assert np.median(expected_rank(places, 100, 200)) == pytest.approx((100 + 1) / 2)


def test_averaged_templates_are_unit_rows():
    random = np.random.default_rng(0)
    texts = averaged(random.standard_normal((3, 7, 8)).astype(np.float32))
    assert texts.shape == (7, 8)
    assert np.linalg.norm(texts, axis=1) == pytest.approx(np.ones(7), abs=1e-6)


def test_medians_are_those_of_resampled_people():
    from facebench.stats.intervals import identity_draws

    random = np.random.default_rng(0)
    person = random.integers(12, size=60)
    values = random.random(60)
    values[:3] = np.inf
    medians = median_draws(values, person, 12, draws=30, seed=2)
    weights = np.concatenate(list(identity_draws(12, 30, seed=2)))
    for median, weight in zip(medians, weights, strict=True):
        copies = np.sort(np.repeat(values, weight[person].astype(int)))
        assert median == copies[(len(copies) - 1) // 2]
