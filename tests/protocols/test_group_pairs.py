"""Accepted pairs of two people, by group: who is taken for whom?"""

import numpy as np
import pandas as pd
import pytest

from facebench.evaluation.group_pairs import Mistaken, by_group, of_outcomes
from facebench.stats.pair_rates import rate_of_pairs
from tests.toys.evaluation import STATISTICS, Toy

PEOPLE = [f"p{i:03d}" for i in range(60)]


def mistaken(likeness, random, threshold=2.0):
    """Return the accepted pairs of 60 people whose scores are `likeness` and noise."""
    first, second = np.triu_indices(60, 1)
    scores = likeness[first, second] + random.standard_normal(len(first))
    chosen = scores >= threshold
    pictures = pd.Series(1, index=pd.Index(PEOPLE, name="identity"))
    return Mistaken("0.01", pictures, first[chosen], second[chosen])


def rows(found, groups):
    return {
        row["metric"]: row for row in by_group([found], groups, STATISTICS) if row["value"] == "b"
    }


@pytest.fixture
def groups():
    """20 of 60 people are of group `b`."""
    return pd.DataFrame({"sort": np.where(np.arange(60) < 40, "a", "b")}, index=PEOPLE)


def test_strangers_of_a_group_who_look_alike_are_told_from_those_of_two(groups):
    inside = (groups.sort == "b").to_numpy()
    found = rows(mistaken(np.outer(inside, inside) * 1.5, np.random.default_rng(0)), groups)
    assert found["fmr_same"]["difference"] > 0.1 and found["fmr_same"]["p"] < 0.01
    assert found["fmr_same"]["difference_low"] > 0
    assert found["fmr_same"]["rate"] > 5 * found["fmr_other"]["rate"]
    assert "p" not in found["fmr_other"]


def test_pairs_are_counted_once_and_add_up(groups):
    one = mistaken(np.zeros((60, 60)), np.random.default_rng(1), threshold=1.0)
    found = rows(one, groups)
    inside = (groups.sort == "b").to_numpy()
    both = inside[one.first].astype(int) + inside[one.second]
    assert found["fmr_same"]["rate"] == pytest.approx((both == 2).sum() / (20 * 19 / 2))
    assert found["fmr_other"]["rate"] == pytest.approx((both == 1).sum() / (20 * 40))
    assert found["fmr"]["rate"] == pytest.approx((both > 0).sum() / (20 * 19 / 2 + 20 * 40))


def test_people_whose_group_is_not_known_are_in_no_pair(groups):
    one = mistaken(np.zeros((60, 60)), np.random.default_rng(2), threshold=1.0)
    some = groups.copy()
    some.loc[PEOPLE[:10], "sort"] = None
    left = (one.first >= 10) & (one.second >= 10)
    rest = one._replace(
        pictures=one.pictures.iloc[10:], first=one.first[left] - 10, second=one.second[left] - 10
    )
    assert rows(one, some) == rows(rest, groups)


def test_groups_alike_seldom_differ_and_intervals_know_that_pairs_share_people(groups):
    """Each person is easy or hard to mistake, so pairs say less than their number."""
    easy, alarms, covered, runs = np.random.default_rng(3), [], [], 30
    expected = []
    for seed in range(runs):
        random = np.random.default_rng(seed)
        own = easy.standard_normal(60) * 0.5
        one = mistaken(own[:, None] + own, random, threshold=2.5)
        pictures = one.pictures.to_numpy(float)
        hits = np.bincount(np.concatenate([one.first, one.second]), minlength=60).astype(float)
        rate = rate_of_pairs(hits, pictures * (pictures.sum() - pictures), 0.95)
        covered.append(rate.interval)
        expected.append(rate.value)
        alarms.append(rows(one, groups)["fmr_same"]["p"] < 0.05)
    inside = [low <= np.mean(expected) <= high for low, high in covered]
    assert np.mean(alarms) <= 0.12
    assert np.mean(inside) >= 0.85


def test_the_outcomes_of_verification_say_who_is_taken_for_whom(tmp_path):
    toy = Toy(tmp_path, np.repeat(np.arange(50), 3), noise=0.6, failed=[3])
    outcomes = toy.run("verify")[1]
    (found,) = of_outcomes(outcomes[[c for c in outcomes if not c.endswith("@0.0001")]])
    both = np.bincount(np.concatenate([found.first, found.second]), minlength=50)
    assert found.at == "0.1"
    assert both.tolist() == outcomes["wrong_accepted@0.1"].tolist()
    assert (found.first < found.second).all()
