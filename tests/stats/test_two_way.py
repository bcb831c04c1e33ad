"""Intervals over people and trainings: the variance of a textbook, and how often they cover."""

import numpy as np
import pytest

from facebench.stats.two_way import TwoWay, difference, rate, two_way


def drawn(chance, people, seeds, of_people, of_seeds, rest):
    """Return values, people and seeds of a draw of both, around 0."""
    values = (
        chance.normal(0, of_people, (people, 1))
        + chance.normal(0, of_seeds, (1, seeds))
        + chance.normal(0, rest, (people, seeds))
    )
    person, seed = np.divmod(np.arange(people * seeds), seeds)
    return values.ravel(), person, seed


def test_the_variance_is_that_of_mean_squares_where_everybody_was_under_every_training():
    chance = np.random.default_rng(4)
    people, seeds = 40, 30
    values, person, seed = drawn(chance, people, seeds, 1, 0.5, 1)
    grid = values.reshape(people, seeds)
    of_people = grid.mean(axis=1).var(ddof=1) / people
    of_seeds = grid.mean(axis=0).var(ddof=1) / seeds
    both = grid.var(ddof=1) / (people * seeds)
    found = two_way(values, person, seed)
    assert found.variance == pytest.approx(of_people + of_seeds - both)
    assert found.value == pytest.approx(values.mean()) and found[2:] == (people, seeds)


@pytest.mark.parametrize("spread", [(1, 0, 1), (1, 0.3, 1), (0.2, 1, 0.2), (0, 0, 1)])
@pytest.mark.parametrize("seeds", [3, 5])
def test_intervals_cover_the_mean_of_all_people_and_trainings(spread, seeds):
    chance, trials, inside = np.random.default_rng(seeds), 400, 0
    for _ in range(trials):
        found = two_way(*drawn(chance, 20, seeds, *spread))
        low, high = difference(found, 0.95)
        inside += low <= 0 <= high
    assert inside / trials > 0.92


def test_one_training_gives_no_interval():
    found = two_way(np.array([0.0, 1, 1]), np.array([1, 2, 3]), np.zeros(3))
    assert np.isnan([*rate(found, 0.95), *difference(found, 0.95)]).all()
    assert found.value == pytest.approx(2 / 3)


def test_a_rate_of_nothing_has_an_interval_that_begins_there():
    low, high = rate(TwoWay(0.0, 0.0, 20, 5), 0.95)
    assert low == 0 and 0.1 < high < 0.4
