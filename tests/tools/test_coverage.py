"""The bench of intervals: fast, and what it must never find."""

import numpy as np
import pytest

from tools.coverage.__main__ import covered
from tools.coverage.benches import BENCHES, samples
from tools.coverage.worlds import SIZES, Photographs, pairs, trials

#: Shares of 95 % intervals that cover, in 100 (60) samples: less is below chance by p < 0.001.
LEAST = {100: 88, 60: 85}


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("people", "rate"), [(60, 0.9), (300, 0.99)])
def test_intervals_of_rates_cover_also_where_few_people_decide(sizes, people, rate):
    cell = {"people": people, "sizes": sizes, "rate": rate, "alike": 0.5}
    (row,) = covered(BENCHES["rates"], cell, 100, seed=7)
    assert row["covers"] >= LEAST[100] and row["truth"] == rate


@pytest.mark.slow
@pytest.mark.parametrize("sizes", ["equal", "unequal"])
def test_intervals_of_pairs_cover(sizes):
    cell = {"people": 60, "sizes": sizes, "noise": 0.7}
    for row in covered(BENCHES["pairs"], cell, 60, seed=7):
        assert row["covers"] >= LEAST[60], row


@pytest.mark.slow
@pytest.mark.parametrize("name", ["closed", "strangers"])
def test_models_that_are_alike_seldom_differ(name):
    cell = {"people": 60, "sizes": "equal", "noise": 0.9, "count": 3}
    for row in covered(BENCHES[name], cell, 60, seed=7):
        assert row["covers"] >= LEAST[60], row
        assert not row["alarms"] > 15, row


def test_a_sample_is_that_of_its_seed():
    cell = BENCHES["rates"].cells[0]
    one, two = (list(samples(BENCHES["rates"], cell, 3, seed)) for seed in (1, 1))
    assert one == two != list(samples(BENCHES["rates"], cell, 3, 2))


def test_the_truth_of_a_world_is_what_it_says():
    random = np.random.default_rng(0)
    results, who = trials(random, 4000, "equal", rate=0.8, alike=0.3)
    own = np.bincount(who, results[:, 0]) / np.bincount(who)
    assert results.mean() == pytest.approx(0.8, abs=0.02)
    between = own.var() - np.mean(own * (1 - own) / 3)
    assert between / (0.8 * 0.2) == pytest.approx(0.3, abs=0.05)
    world = Photographs(random, 60, "unequal", 0.5)
    chosen, same, fold = pairs(random, world, 3, 10)
    people = world.people[chosen]
    assert ((people[:, 0] == people[:, 1]) == same).all()
    assert not set(people[fold == 0].ravel()) & set(people[fold != 0].ravel())
