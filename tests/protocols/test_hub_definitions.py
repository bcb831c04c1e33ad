"""What hubs are made of, against plain loops and at the edges."""

import numpy as np
import pytest

from facebench.protocols.hubs import defences, effect, entries
from facebench.protocols.hubs.groups import groups
from facebench.protocols.hubs.lists import lists, occurrence, with_entries
from facebench.protocols.scores import scores
from tests.toys.hubs import in_order, unit


def coarse(random, many, dim=4):
    """Return unit rows of which many are equal, so that scores are tied."""
    rows = random.integers(-1, 2, size=(many, dim)).astype(float)
    rows[(rows == 0).all(axis=1)] = 1
    return unit(rows)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("size", "k"), [(30, 1), (30, 7), (7, 7), (3, 7), (1, 1), (0, 2)])
def test_lists_are_those_of_sorting_everything(seed, size, k):
    random = np.random.default_rng(seed)
    searches, stored = coarse(random, 20), coarse(random, max(size, 1))[:size]
    found = lists(searches, stored, k)
    for row, search in enumerate(searches):
        wanted = in_order(search, stored)[:k]
        assert found.entries[row].tolist() == wanted + [-1] * (k - len(wanted))
        assert np.isneginf(found.scores[row, len(wanted) :]).all()
    new = coarse(random, 4)
    added = with_entries(found, scores(searches, new), size)
    again = lists(searches, np.concatenate([stored, new]), k)
    assert (added.entries == again.entries).all() and (added.scores == again.scores).all()


@pytest.mark.parametrize("seed", range(5))
def test_effects_and_occurrences_are_those_of_a_loop(seed):
    random = np.random.default_rng(seed)
    searches, stored, new = coarse(random, 30), coarse(random, 25), coarse(random, 3)
    people, names = random.integers(0, 6, 30), random.integers(-1, 6, 25)
    found, added = lists(searches, stored, 5), scores(searches, new)
    chosen, counts = np.array([2, 11]), np.zeros(25, int)
    for k in (1, 3, 5):
        hits = effect.reached(found, added, k)
        own = effect.reached_by_enrolled(found, people, names, chosen, k)
        for row, search in enumerate(searches):
            first = in_order(search, np.concatenate([stored, new]))[:k]
            assert hits[row] == any(number >= 25 for number in first)
            first = in_order(search, stored)[:k]
            others = [number for number in first if names[number] != people[row]]
            assert own[row] == bool(set(others) & set(chosen.tolist()))
            counts[others] += k == 5
    assert occurrence(found, people, names).tolist() == counts.tolist()
    right = effect.right(found, people, names, added)
    for row, search in enumerate(searches):
        first = in_order(search, np.concatenate([stored, new]))[0]
        assert right[row] == (first < 25 and names[first] == people[row])


@pytest.mark.parametrize("seed", range(3))
def test_centres_are_means_of_what_is_nearest_to_them(seed):
    stored = unit(np.random.default_rng(seed).standard_normal((60, 6)) + 1)
    one = entries.centroids(stored, 1, seed)
    np.testing.assert_allclose(one[0], unit(stored.mean(axis=0)[None])[0], atol=1e-6)
    centres = entries.centroids(stored, 5, seed, rounds=100)
    nearest = scores(stored, centres).argmax(axis=1)
    for number, centre in enumerate(centres):
        mean = unit(stored[nearest == number].mean(axis=0)[None])[0]
        np.testing.assert_allclose(centre, mean, atol=1e-5)
    everything = entries.centroids(stored, 60, seed)
    assert sorted(map(tuple, everything.round(5))) == sorted(map(tuple, stored.round(5)))
    alike = entries.centroids(np.repeat(stored[:1], 9, axis=0), 4, seed)
    np.testing.assert_allclose(alike, np.repeat(stored[:1], 4, axis=0), atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_optimised_vectors_win_what_can_be_won(seed):
    random = np.random.default_rng(seed)
    searches = unit(random.standard_normal((40, 8)) + 0.7)
    mean = scores(searches, unit(searches.mean(axis=0)[None]))[:, 0]
    for limits in (np.full(40, -1.0), np.full(40, 0.5), mean + 0.05):
        many = entries.optimised(searches, limits, 6, seed)
        np.testing.assert_allclose(np.linalg.norm(many, axis=1), 1, atol=1e-6)
        assert (entries.optimised(searches, limits, 2, seed) == many[:2]).all()
        won = (scores(searches, many) > limits[:, None]).any(axis=1)
        first = scores(searches, many[:1])[:, 0] > limits
        assert first.sum() >= (mean > limits).sum() and first.any() and won.sum() >= first.sum()
    assert (scores(searches, entries.optimised(searches, np.full(40, -1.0), 1, seed)) > -1).all()
    # What one direction can win of two opposite searches is one; two directions win both.
    apart = np.array([[1, 0], [-1, 0]], np.float32)
    found = entries.optimised(apart, np.array([0.5, 0.5]), 2, seed)
    assert (scores(apart, found) > 0.5).sum(axis=0).tolist() == [1, 1]
    assert (scores(apart, found) > 0.5).any(axis=1).all()


@pytest.mark.parametrize("seed", range(5))
def test_defences_keep_to_their_budgets(seed):
    random = np.random.default_rng(seed)
    counts = random.poisson(2, 200)
    for budget in (0.001, 0.01, 0.1, 1):
        chosen = defences.alerts(defences.robust_z(counts), budget)
        assert chosen.sum() <= budget * 200 and not chosen[counts <= np.median(counts)].any()
        if chosen.any():
            assert counts[chosen].min() >= counts[~chosen].max()
    for refused in (0, 0.01, 0.3, 0.999999999999):
        limit = defences.threshold(counts, refused)
        assert np.mean(counts > limit) <= refused
        assert limit == counts.min() or np.mean(counts > limit - 1) > refused
    hub = np.append(counts, 90)
    assert np.flatnonzero(defences.alerts(defences.robust_z(hub), 0.005)).tolist() == [200]
    searches, stored, new = coarse(random, 30), coarse(random, 25), coarse(random, 6)
    limits = lists(searches, stored, 5).last(5)
    entered = defences.entered(limits, scores(searches, new))
    for number, one in enumerate(new):
        found = lists(searches, np.concatenate([stored, one[None]]), 5)
        assert entered[number] == (found.entries == 25).any(axis=1).sum()


@pytest.mark.parametrize("counts", [np.zeros(0), np.zeros(3), np.full(5, 7), np.array([4])])
def test_counts_that_are_all_alike_are_no_alert(counts):
    z = defences.robust_z(counts)
    assert (z == 0).all() and not defences.alerts(z, 1.0).any()


@pytest.mark.parametrize("people", [1, 2, 3, 4, 17, 100])
@pytest.mark.parametrize("share", [0.01, 0.25, 0.45])
def test_the_groups_share_nobody_and_leave_somebody(people, share):
    found = groups(np.repeat(np.arange(people), 2), share, share, seed=1)
    if people < 3:
        assert found is None
        return
    assert np.sort(np.concatenate(found)).tolist() == list(range(people))
    assert all(len(part) for part in found)
    assert len(found.attacker) == len(found.sentinels) == max(1, int(share * people))
