"""Two one-sided tests: what they are, and that they seldom call a real difference none."""

import numpy as np
import pytest

from facebench.stats.equivalence import equivalence, error_of
from facebench.stats.gains import gain


def test_they_are_those_of_statsmodels():
    from statsmodels.stats.weightstats import DescrStatsW

    random = np.random.default_rng(0)
    for shift in (0.0, 0.05, -0.2):
        values = random.normal(shift, 0.3, 40)
        p, below, above = DescrStatsW(values).ttost_mean(-0.1, 0.1)
        found = equivalence(values.mean(), values.std(ddof=1) / np.sqrt(40), 0.1, freedom=39)
        assert found.p == pytest.approx(p)
        assert (found.p_below, found.p_above) == pytest.approx((below[1], above[1]))


def test_equivalence_is_an_interval_within_the_margin():
    random = np.random.default_rng(1)
    for _ in range(200):
        values = random.integers(-1, 2, 50) * (random.random(50) < 0.2)
        effect = gain(values)
        errors = effect.error(-0.1), effect.error(0.1)
        shown = equivalence(effect.mean, errors, 0.1, freedom=49).shown
        low, high = effect.interval(0.9)
        assert shown == (low > -0.1 and high < 0.1)


@pytest.mark.parametrize(("people", "searches"), [(60, 1), (100, 1), (40, 10), (300, 4)])
def test_a_cost_of_the_margin_is_seldom_called_none(people, searches):
    random, shown = np.random.default_rng(people), []
    for _ in range(1000):
        lost = random.binomial(searches, 0.05, people) / searches
        effect = gain(lost, searches)
        errors = effect.error(-0.05), effect.error(0.05)
        shown.append(equivalence(effect.mean, errors, 0.05, freedom=people - 1).shown)
    assert np.mean(shown) <= 0.05 + 3 * np.sqrt(0.05 / 1000)


def test_nothing_is_shown_without_data_or_a_margin():
    assert not equivalence(0.0, float("nan"), 0.1).shown
    assert equivalence(0.0, 0.0, 0.1).shown and not equivalence(0.2, 0.0, 0.1).shown
    for margin in (0.0, -0.1, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            equivalence(0.0, 0.1, margin)


def test_an_error_is_read_off_an_interval():
    assert equivalence(0.01, error_of((-0.03, 0.05)), 0.08).p == pytest.approx(
        equivalence(0.01, 0.04 / 1.959964, 0.08).p, rel=1e-5
    )
