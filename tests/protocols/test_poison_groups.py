"""Groups of people compared: no effect where there is none, and no certainty without spread."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from facebench.protocols.poison.breakdown import GROUP_COLUMNS, breakdown, compared

STATISTICS = {"draws": 200, "confidence": 0.95, "seed": 0}


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    """Many comparisons, each with fewer permutations than a study has."""
    monkeypatch.setattr("facebench.stats.sampled.DRAWS", (1_999,))


def drawn(random, people, inside, searches, clean, protected, agreement=0.0):
    """Return what `compared` takes: rates of searches found, and of those hidden, by person.

    clean, protected: the chances of a search, each for the people inside and for the others.
    """
    group = np.arange(people) < inside
    chance = np.where(group, *protected)
    if agreement:
        shape = 1 / agreement - 1
        chance = random.beta(chance * shape, (1 - chance) * shape)
    found = random.binomial(searches, np.where(group, *clean), people)
    lost = random.binomial(found, chance)
    return lost / searches, found / searches, np.full(people, searches), group


def trials(many, seed, *world, **more):
    """Return p and the difference's interval in `many` draws of a world."""
    random = np.random.default_rng(seed)
    rows = [compared(*drawn(random, *world, **more), STATISTICS) for _ in range(many)]
    return pd.DataFrame(rows).dropna(subset=["p"])


@pytest.mark.parametrize(
    ("people", "inside", "searches", "protected", "many"),
    [
        (60, 2, 1, 0.65, 1000), (60, 5, 1, 0.9, 1000), (60, 9, 1, 0.9, 1000),
        (60, 13, 1, 0.9, 1000), (60, 30, 1, 0.9, 1000), (100, 2, 4, 0.9, 150),
        (100, 5, 4, 0.97, 150), (100, 13, 4, 0.97, 150), (100, 17, 4, 0.97, 150),
    ],
)  # fmt: skip
def test_groups_that_are_alike_are_seldom_told_apart(people, inside, searches, protected, many):
    for clean in (1.0, 0.85):
        found = trials(many, people, people, inside, searches, (clean,) * 2, (protected,) * 2)
        noise = 3 * np.sqrt(0.05 * 0.95 / len(found))
        assert np.mean(found.p < 0.05) <= 0.05 + noise
        assert np.mean((found.difference_low <= 0) & (found.difference_high >= 0)) >= 0.95 - noise


@pytest.mark.parametrize("clean", [(0.5, 0.95), (0.95, 0.5)])
@pytest.mark.parametrize("searches", [1, 4, 10])
def test_a_group_that_is_found_less_is_not_protected_otherwise_for_that(searches, clean):
    found = trials(200, 1, 100, 20, searches, clean, (0.9, 0.9))
    assert np.mean(found.p < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


@pytest.mark.parametrize("agreement", [0, 0.5])
@pytest.mark.parametrize(
    ("people", "inside", "searches", "protected"),
    [(60, 9, 1, (0.6, 0.9)), (60, 5, 4, (0.97, 0.7)), (100, 20, 4, (0.5, 0.9))],
)
def test_intervals_of_a_difference_cover_it(people, inside, searches, protected, agreement):
    found = trials(200, 2, people, inside, searches, (0.95, 0.9), protected, agreement=agreement)
    truth = protected[0] - protected[1]
    covered = (found.difference_low <= truth) & (truth <= found.difference_high)
    assert covered.mean() >= 0.93 - 3 * np.sqrt(0.07 / 200)


def test_an_interval_holds_zero_where_the_test_tells_nothing_apart():
    for world in ((60, 9, 1, (0.9, 0.9), (0.6, 0.9)), (40, 4, 4, (0.9, 0.9), (0.7, 0.95))):
        found = trials(200, 3, *world)
        apart = (found.difference_low > 0) | (found.difference_high < 0)
        assert not (apart & (found.p >= 0.05)).any()
        assert np.mean(~apart & (found.p < 0.05)) < 0.1
        assert apart.any()


def test_everybody_of_a_small_group_hidden_is_no_proof():
    """Nine of nine against 44 of 51; by chance, as much comes in a third of all cases."""
    clean = np.ones(60)
    lost = np.repeat([1.0, 1.0, 0.0], [9, 44, 7])
    found = compared(lost, clean, np.ones(60, int), np.arange(60) < 9, STATISTICS)
    hidden = hypergeom(60, 53, 9)
    assert found["p"] == pytest.approx(hidden.pmf(9) + hidden.cdf(6))
    assert found["p"] > 0.3
    assert found["difference_low"] < 0 < found["difference_high"]
    assert found["protected_low"] < 0.75 and found["protected_high"] == 1


@pytest.mark.parametrize("inside", [0, 1])
def test_groups_of_hardly_anybody_are_not_compared(inside):
    clean = np.ones(20)
    clean[2:4] = 0
    found = compared(clean * 0.5, clean, np.full(20, 2), np.arange(20) < inside, STATISTICS)
    assert "p" not in found and found["n_found"] == inside
    unfound = compared(clean * 0, clean, np.full(20, 2), np.isin(np.arange(20), [2, 3]), STATISTICS)
    assert unfound == {"n_found": 0}


def outcomes(hidden, group):
    """Outcomes of 40 people found in both of two searches, whose first `hidden` are hidden."""
    tables = []
    for share in (0.0, 1.0):
        lists = [[not (share and who in hidden)] * 2 for who in range(40)]
        tables.append(
            pd.DataFrame(
                {
                    "identity": [f"p{i:02d}" for i in range(40)], "attack": "cloak",
                    "threat": "gallery", "fraction": share, "reencode": "none", "probes": 2,
                    "nearest": [sum(one) for one in lists], "found": lists, "group:sex": group,
                }
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def test_groups_that_are_protected_unequally_are_told_apart():
    sex = np.array(["f", "m"] * 20, object)
    unequal = outcomes(range(0, 40, 2), sex)
    equal = outcomes(range(20), sex)
    table = breakdown({"a": unequal, "b": equal}, STATISTICS)
    assert list(table.columns) == GROUP_COLUMNS
    found = table.set_index(["model", "value"])
    assert found.loc[("a", "f"), "protected_share"] == found.loc[("a", "f"), "gain"] == 1
    assert found.loc[("a", "m"), "difference"] == -1
    assert found.loc[("a", "m"), "p_corrected"] < 1e-6
    assert found.loc[("a", "m"), "difference_high"] < -0.7
    assert found.loc[("b", "m"), "p"] == pytest.approx(1) and found.loc[("b", "m"), "n_found"] == 20


def test_people_of_no_known_group_are_compared_with_nobody():
    sex = np.array(["f", "m"] * 20, object)
    sex[:10] = None
    table = breakdown({"a": outcomes(range(10), sex)}, STATISTICS).set_index("value")
    assert table.n_identities.to_dict() == {"f": 15, "m": 15}
    assert (table.protected_share == 0).all() and (table.p == 1).all()
