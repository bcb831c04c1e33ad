"""Rates of people's trials: their intervals cover the truth, also where few people decide."""

import numpy as np
import pytest

from facebench.stats.person_rates import MOST_OF_ONE, rates_by_person, spread


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
        [(_, (low, high), _)] = rates_by_person(hits[:, None], identity, 0.95)
        covered.append(low <= mean <= high)
    assert 0.91 <= np.mean(covered) <= 0.995


def test_intervals_of_pictures_as_if_independent_would_be_too_narrow():
    random = np.random.default_rng(0)
    identity = np.repeat(np.arange(50), 20)
    hits = (random.random(50) < 0.5)[identity]
    [(mean, (low, high), _)] = rates_by_person(hits[:, None], identity, 0.95)
    alone = 2 * 1.96 * np.sqrt(mean * (1 - mean) / len(hits))
    assert high - low > 3 * alone


def test_everything_right_is_not_certainty():
    [(mean, (low, high), _)] = rates_by_person(np.ones((30, 1)), np.arange(30), 0.95)
    assert mean == high == 1 and 0.8 < low < 0.95
    assert np.isnan(rates_by_person(np.ones((5, 1)), np.zeros(5), 0.95)[0].interval).all()
    [(mean, interval, _)] = rates_by_person(np.ones((0, 1)), np.zeros(0), 0.95)
    assert np.isnan(mean) and np.isnan(interval).all()


def test_who_decides_a_rate_alone_is_told():
    hits = np.ones((400, 1))
    hits[:100] = 0
    many = np.repeat(np.arange(4), 100)
    [(_, _, largest)] = rates_by_person(hits, many, 0.95)
    assert largest > MOST_OF_ONE
    [(_, _, largest)] = rates_by_person(hits, np.arange(400), 0.95)
    assert largest < 0.02


def test_people_with_many_trials_that_happen_to_agree_are_not_believed():
    """Of 40 people with 3 trials each, half fail all; 2 with 60 trials succeed in all."""
    trials = np.array([3] * 40 + [60] * 2)
    right = np.where(np.arange(42) < 20, 0, trials)[:, None].astype(float)
    found = spread(right, right, trials)
    share = trials / trials.sum()
    rate = right.sum() / trials.sum()
    plain = np.sum((right[:, 0] - rate * trials) ** 2) / trials.sum() ** 2
    assert found.variance[0] == pytest.approx(plain * found.inflation[0])
    assert found.variance[0] > 0.25 * np.sum(share**2)  # half of all fail, and all their trials


def test_what_people_do_to_each_other_counts():
    """The same share of hits is known less well where one person stood in the way of all others."""
    hits, who = np.ones((40, 1)), np.arange(40)
    hits[:10] = 0
    nobody = np.full(40, 40)
    [(_, apart, _)] = rates_by_person(hits, who, 0.95, nobody, np.zeros((40, 1)))
    [(_, (low, high), _)] = rates_by_person(hits, who, 0.95, nobody, 1 - hits)
    assert high - low > 1.3 * (apart[1] - apart[0])
