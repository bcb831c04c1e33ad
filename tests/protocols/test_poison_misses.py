"""Misses at a threshold: the interval knows that the threshold is of the same people."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from facebench.protocols.poison.misses import Misses, Strangers, missed, thresholds

FPIR = 0.1
STATISTICS = {"draws": 150, "confidence": 0.95, "seed": 0}
#: Means of strangers' and mates' scores are this far apart; of a person, and of a search.
APART, SPREAD = 2.2, (0.7, 0.7)


def world(random, people, protected, searches=4, folds=1):
    """Return the outcomes of one experiment, and the clean searches of everybody by fold."""
    names = np.array([f"p{i:03d}" for i in range(people)])
    strangers, mates = {}, []
    hard = random.normal(0, 0.5, people)
    ease = random.normal(0, SPREAD[0], protected)
    for fold in range(folds):
        score = np.repeat(hard, searches) + random.normal(0, np.sqrt(0.75), people * searches)
        whose = np.repeat(names, searches)
        strangers[fold, "clean"] = Strangers(whose, score.astype(np.float32))
        found = random.normal(APART, SPREAD[1], (protected, searches)) + ease[:, None]
        limit = thresholds(strangers[fold, "clean"], [FPIR])
        mates.append((found.astype(np.float32), missed(found.astype(np.float32), limit)))
    scores, lost = (np.concatenate(parts, axis=1) for parts in zip(*mates, strict=True))
    table = pd.DataFrame(
        {
            "identity": names[:protected],
            "probes": searches * folds,
            "mate": scores.tolist(),
            "fold": [np.repeat(np.arange(folds), searches).tolist()] * protected,
            f"missed@{FPIR:g}": lost.sum(axis=1),
        }
    )
    return table, strangers


@pytest.mark.parametrize(
    ("people", "protected", "folds"), [(300, 60, 1), (100, 100, 1), (100, 100, 2), (200, 40, 1)]
)
def test_intervals_cover_the_misses_at_this_rate_of_false_alarms(people, protected, folds):
    truth = norm.cdf((norm.ppf(1 - FPIR) - APART) / np.hypot(*SPREAD))
    random, covered = np.random.default_rng(people), []
    for _ in range(100):
        table, strangers = world(random, people, protected, folds=folds)
        low, high = Misses(strangers, [FPIR], STATISTICS).interval(table, FPIR, "clean")
        covered.append(low <= truth <= high)
    assert np.mean(covered) >= 0.93 - 3 * np.sqrt(0.93 * 0.07 / 100)


def test_every_draw_has_a_threshold_of_its_own():
    """As with the drawn people's searches copied, and thresholds found in the copies."""
    table, strangers = world(np.random.default_rng(1), 40, 15)
    misses = Misses(strangers, [FPIR], {**STATISTICS, "draws": 5})
    found = strangers[0, "clean"]
    for weights, limits in zip(misses._draws, misses._limits_of("clean")[0], strict=True):
        copied = np.repeat(found.score, np.repeat(weights, 4).astype(int))
        expected = np.sort(copied)[::-1][int(FPIR * len(copied) + 1e-9) - 1]
        # Where copies of one score would let too many pass, the next higher score is taken.
        assert limits[0] >= expected and (copied >= limits[0]).sum() <= FPIR * len(copied)


def test_a_search_that_failed_misses_whatever_the_threshold():
    assert missed(np.array([-np.inf, 0.5]), np.array([-np.inf, -np.inf])).tolist() == [True, False]
    failed = Strangers(np.array(["a", "b"]), np.full(2, -np.inf, np.float32))
    assert thresholds(failed, [0.5]).tolist() == [-np.inf]


def test_nobody_missed_is_not_certainty_and_one_person_has_no_interval():
    table, strangers = world(np.random.default_rng(0), 60, 20)
    none = table.assign(**{f"missed@{FPIR:g}": 0, "mate": [[9.0] * 4] * 20})
    low, high = Misses(strangers, [FPIR], STATISTICS).interval(none, FPIR, "clean")
    assert low == 0 and 0.05 < high < 0.4
    one = Misses(strangers, [FPIR], STATISTICS).interval(table.head(1), FPIR, "clean")
    assert np.isnan(one).all()
