"""Rates and gains of people: their intervals cover the truth, and their tests agree with them."""

from itertools import product

import numpy as np
import pytest

from facebench.stats.gains import gain, gain_interval, gain_p
from facebench.stats.shares import mean_interval, share, share_intervals

#: Trials of each simulated world.
TRIALS = 400
#: Three standard errors of a coverage of 93 %.
NOISE = 3 * np.sqrt(0.93 * 0.07 / TRIALS)


def chances(random, people, mean, agreement):
    """Chances of people that differ from each other; `agreement` of a person's searches, 0 to 1."""
    if not agreement:
        return np.full(people, mean)
    shape = 1 / agreement - 1
    return random.beta(mean * shape, (1 - mean) * shape, people)


def coverage(seed, truth, draw):
    """Return how often the interval that `draw` makes holds the truth."""
    random = np.random.default_rng(seed)
    low, high = np.transpose([draw(random) for _ in range(TRIALS)])
    return np.mean((low <= truth) & (truth <= high))


@pytest.mark.parametrize("agreement", [0, 0.5])
@pytest.mark.parametrize(
    ("people", "searches", "rate"),
    [(30, 4, 0.9), (40, 10, 0.02), (40, 10, 0.967), (60, 1, 0.99), (60, 10, 0.5), (300, 4, 0.99)],
)
def test_intervals_of_rates_cover_the_truth_however_much_searches_agree(
    people, searches, rate, agreement
):
    def interval(random):
        hits = random.binomial(searches, chances(random, people, rate, agreement))
        return mean_interval(hits / searches, 0.95, searches)

    assert coverage(people + searches, rate, interval) >= 0.93 - NOISE


@pytest.mark.parametrize(
    ("people", "searches", "before", "after"),
    [
        (60, 1, 0.9, 0.9), (60, 10, 0.9, 0.9), (40, 10, 0.5, 0.5), (300, 4, 0.99, 0.99),
        (60, 1, 0.97, 0.32), (60, 4, 0.9, 0.05), (30, 10, 0.9, 0.8), (60, 1, 1.0, 0.96),
        (100, 1, 1.0, 0.03),
    ],
)  # fmt: skip
def test_intervals_of_gains_cover_the_truth_and_are_no_wider_than_that(
    people, searches, before, after
):
    def interval(random):
        ease = chances(random, people, before, 0.3 if before < 1 else 0)
        then = random.binomial(searches, ease)
        now = random.binomial(searches, ease * after / before)
        return gain_interval((then - now) / searches, 0.95, searches)

    covered = coverage(people * searches, before - after, interval)
    assert covered >= 0.93 - NOISE
    if searches > 1 and before < 0.99:
        assert covered <= 0.99


def test_many_searches_without_an_effect_make_a_narrow_interval():
    random = np.random.default_rng(0)
    widths = []
    for searches in (1, 4, 16, 64):
        changes = random.binomial(searches, 0.1, 60) - random.binomial(searches, 0.1, 60)
        low, high = gain_interval(changes / searches, 0.95, searches)
        widths.append(high - low)
    for wide, narrow in zip(widths, widths[1:], strict=False):
        assert narrow < 0.65 * wide


def test_no_change_at_all_is_not_a_point_and_more_people_say_more():
    widths = [np.ptp(gain_interval(np.zeros(n), 0.95)) for n in (20, 60, 300)]
    assert widths == sorted(widths, reverse=True) and widths[0] > 0.3 and widths[2] > 0.02
    some = np.zeros(40)
    some[0] = -0.1
    one_of_400 = np.ptp(gain_interval(some, 0.95, 10))
    assert one_of_400 < 0.7 * np.ptp(gain_interval(some, 0.95, 1))
    low, high = gain_interval(np.ones(20), 0.95)
    assert high == 1 and low < 0.9
    assert np.isnan(gain_interval(np.ones(1), 0.95)).all()
    assert np.isnan(mean_interval(np.ones(1), 0.95)).all()


def test_an_interval_holds_its_number_and_mirrors_with_it():
    random = np.random.default_rng(1)
    for _ in range(200):
        searches = random.integers(1, 9, 25)
        values = random.integers(-searches, searches + 1) / searches
        low, high = gain_interval(values, 0.95, searches)
        assert -1 <= low <= values.mean() <= high <= 1
        assert gain_interval(-values, 0.95, searches) == pytest.approx((-high, -low), abs=1e-6)
        rates = np.abs(values)
        low, high = mean_interval(rates, 0.95, searches)
        assert 0 <= low <= rates.mean() <= high <= 1
        assert mean_interval(1 - rates, 0.95, searches) == pytest.approx((1 - high, 1 - low))


def test_one_search_each_is_the_textbook():
    from statsmodels.stats.proportion import proportion_confint

    hits = np.array([1.0] * 29 + [0.0] * 3 + [1.0] * 100_000 + [0.0] * 10_000)
    expected = proportion_confint(int(hits.sum()), len(hits), method="wilson")
    assert mean_interval(hits, 0.95) == pytest.approx(expected, abs=1e-6)
    # The errors of gains are those of the most likely numbers of changes, found by trying all.
    values = np.repeat([1.0, -1.0, 0.0], [12, 3, 135])
    b, c, n = 12, 3, 150
    for at in (-0.05, 0.02, 0.1):
        grid = np.linspace(max(0, -at), (1 - at) / 2, 200_001)[1:-1]
        fit = b * np.log(grid + at) + c * np.log(grid) + (n - b - c) * np.log(1 - 2 * grid - at)
        won = grid[np.argmax(fit)]
        expected = np.sqrt((2 * won + at - at**2) / n)
        assert gain(values).error(at) == pytest.approx(expected, rel=1e-4)


def test_a_share_of_what_was_found_is_of_the_people_who_were():
    lost, clean = np.array([1.0, 0.5, 0.0, 0.0]), np.array([1.0, 0.5, 0.5, 0.0])
    found = share(lost, clean, 2)
    assert found.value == pytest.approx(0.75) and found.spread.people == pytest.approx(8 / 3)
    assert share(np.zeros(3), np.zeros(3), 2) is None
    alone, pooled = (share_intervals(group, 0.95)[0] for group in ([found], [found, found]))
    assert np.ptp(pooled) < np.ptp(alone)


@pytest.mark.parametrize("seed", range(4))
def test_p_of_a_gain_is_the_share_of_all_signs_of_peoples_rates(seed):
    random = np.random.default_rng(seed)
    searches = random.integers(1, 7, 10)
    changes = random.integers(-searches, searches + 1)
    rates = changes / searches
    sums = [abs(np.dot(signs, rates)) for signs in product([-1, 1], repeat=10)]
    expected = np.mean(np.array(sums) >= abs(rates.sum()) - 1e-9)
    assert gain_p(changes, searches, seed=0) == pytest.approx(expected)


def test_p_is_sampled_where_numbers_of_searches_have_no_small_multiple(monkeypatch):
    random = np.random.default_rng(0)
    searches = random.integers(1, 8, 30)
    changes = random.integers(-searches, searches + 1)
    exact = gain_p(changes, searches, seed=0)
    monkeypatch.setattr("facebench.stats.gains.LARGEST_SUM", 1)
    assert gain_p(changes, searches, seed=0) == pytest.approx(exact, abs=0.03)
    assert gain_p(np.ones(40, int), np.arange(1, 41), seed=0) == 1 / 100_000
    assert gain_p(np.zeros(5, int), np.arange(1, 6), seed=0) == 1


def test_a_gain_and_its_p_cannot_contradict_each_other(monkeypatch):
    """One person of many searches is found more, 30 of few are found less: the mean falls."""
    searches = np.array([200] + [1] * 30)
    changes = np.array([-100] + [1] * 8 + [0] * 22)
    assert changes.sum() < 0 < (changes / searches).mean()
    assert gain_p(changes, searches, 0) == pytest.approx(gain_p(-changes, searches, 0))
    monkeypatch.setattr("facebench.stats.sampled.DRAWS", (1_999,))
    random = np.random.default_rng(2)
    apart = 0
    for _ in range(100):
        searches = random.integers(1, 30, 40)
        ease = random.random(40)
        shift = random.choice([0, 0.2])
        changes = random.binomial(searches, ease) - random.binomial(searches, ease * (1 - shift))
        low, high = gain_interval(changes / searches, 0.95, searches)
        p = gain_p(changes, searches, seed=0)
        apart += (p < 0.03 and low < 0 < high) or (p > 0.08 and not low < 0 < high)
    assert apart <= 2
