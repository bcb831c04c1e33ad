"""A test by giving labels to other people: exact, and the same from draws."""

from itertools import combinations

import numpy as np
import pytest

from facebench.stats.permutation import labels_p
from facebench.stats.sampled import sampled_p


@pytest.mark.parametrize("seed", range(4))
def test_p_is_the_share_of_all_choices_of_people(seed):
    random = np.random.default_rng(seed)
    scores = random.integers(0, 5, 11) / random.integers(1, 4)
    inside = random.permutation(11) < 4
    centred = scores - scores.mean()
    sums = [abs(centred[list(some)].sum()) for some in combinations(range(11), 4)]
    expected = np.mean(np.array(sums) >= abs(centred[inside].sum()) - 1e-9)
    assert labels_p(scores, inside, seed=0) == pytest.approx(expected)


def test_people_are_exchanged_within_their_stratum():
    """The same numbers of each stratum in the group, counted by hand."""
    random = np.random.default_rng(0)
    for _ in range(5):
        scores, strata = random.integers(0, 4, 9) / 3.0, np.repeat([0, 1, 2], [4, 4, 1])
        inside = np.isin(np.arange(9), [0, 4, 5, 8])
        centred = scores - (np.bincount(strata, scores) / np.bincount(strata))[strata]
        sums = [
            abs(centred[i] + centred[list(pair)].sum())
            for i in range(4)
            for pair in combinations(range(4, 8), 2)
        ]
        expected = np.mean(np.array(sums) >= abs(centred[inside].sum()) - 1e-9)
        assert labels_p(scores, inside, 0, strata) == pytest.approx(expected)
    assert labels_p(scores, strata == 2, 0, strata) == 1


def test_of_hits_and_misses_it_is_fishers_exact_test():
    """Two-sided by distance from the mean: the same where both tails are of one size."""
    from scipy.stats import fisher_exact

    for hits, others in ((9, 21), (5, 25), (0, 12)):
        scores = np.repeat([1.0, 0.0, 1.0, 0.0], [hits, 30 - hits, others, 30 - others])
        inside = np.arange(60) < 30
        expected = fisher_exact([[hits, 30 - hits], [others, 30 - others]]).pvalue
        assert labels_p(scores, inside, seed=0) == pytest.approx(expected)


def test_draws_give_what_all_choices_give(monkeypatch):
    random = np.random.default_rng(0)
    scores = random.integers(0, 5, 40) / 4
    for inside in (np.arange(40) < 5, scores + random.normal(0, 0.5, 40) > 0.8):
        exact = labels_p(scores, inside, seed=0)
        with monkeypatch.context() as patched:
            patched.setattr("facebench.stats.permutation.MOST", 0)
            assert labels_p(scores, inside, seed=0) == pytest.approx(exact, abs=0.02)


def test_many_people_are_no_trouble():
    scores = np.repeat([0.0, 1.0], 5000)
    assert labels_p(scores, np.arange(10_000) % 2 == 0, seed=0) == pytest.approx(1)
    assert labels_p(scores, scores > 0, seed=0) < 1e-100
    assert labels_p(np.sqrt(np.arange(200.0)), np.arange(200) > 150, seed=0) == 1 / 100_000


def test_a_p_from_draws_is_never_too_small():
    random = np.random.default_rng(0)
    p = np.array(
        [sampled_p(random.random(), lambda r, n: r.random(n), seed) for seed in range(500)]
    )
    for level in (0.01, 0.05, 0.2):
        assert np.mean(p <= level) <= level + 3 * np.sqrt(level / 500)
