"""The numbers of hubs: means over people of what their searches give."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.hub_experiment import ADDED, Effect, Experiment
from facebench.evaluation.results import Numbers
from facebench.protocols.hubs.defences import allowed
from facebench.protocols.hubs.lists import skewness
from facebench.stats.gains import gain_interval
from facebench.stats.shares import mean_interval

NO_SENTINEL = "None of the sentinel searches could be used."
NO_ALERT = "The index is so small that this budget is less than one alert."
TOO_FEW = "No number of entries that was tried comes first in half of the searches."
NOT_MADE = "No attack could be made."


class Rates:
    """Rates of people from what happened to their searches, failed ones among them."""

    def __init__(self, people: np.ndarray, failed: np.ndarray, confidence: float) -> None:
        """people: int (n,), who is searched for; failed: bool (n,), which could not be made."""
        _, self.person, self.searches = np.unique(people, return_inverse=True, return_counts=True)
        self.failed, self.confidence = failed, confidence

    def spread(self, tried: np.ndarray) -> np.ndarray:
        """Return what happened to all searches, bool (n,), from those that could be made."""
        every = np.zeros(len(self.failed), bool)
        every[~self.failed] = tried
        return every

    def each(self, tried: np.ndarray) -> np.ndarray:
        """Return the share of each person's searches: float64 (people,)."""
        return np.bincount(self.person, weights=self.spread(tried)) / self.searches

    def add(self, numbers: Numbers, metric: str, tried: np.ndarray, at: str, **cell: Any) -> None:
        """Add the mean over people of the share of their searches."""
        rates = self.each(tried)
        interval = mean_interval(rates, self.confidence, self.searches)
        numbers.add(metric, float(rates.mean()), interval, at, **cell)

    def add_people(self, numbers: Numbers, metric: str, tried: np.ndarray, at: str,
                   **cell: Any) -> None:  # fmt: skip
        """Add the share of people to whom it happened at least once."""
        some = (self.each(tried) > 0).astype(float)
        numbers.add(metric, float(some.mean()), mean_interval(some, self.confidence), at, **cell)

    def add_lost(self, numbers: Numbers, before: np.ndarray, after: np.ndarray, at: str) -> None:
        """Add how much rank-1 a defence costs."""
        lost = self.each(before) - self.each(after)
        interval = gain_interval(lost, self.confidence, self.searches)
        numbers.add("rank1_lost", float(lost.mean()), interval, at)


def add_all(
    numbers: Numbers,
    experiment: Experiment,
    rates: Rates,
    newcomers: tuple[np.ndarray, np.ndarray],
    size: int,
) -> pd.DataFrame:
    """Add every number; return what happened to each search.

    newcomers: clean pictures that aren't in the index, float32 (m, d), and their people, int (m,).
    size: how many entries are listed.
    """
    options = experiment.options
    clean = experiment.right()
    outcomes = {"failed": rates.failed, "right": rates.spread(clean)}
    rates.add(numbers, "rank1", clean, "0")
    counts, searches = experiment.counts()
    numbers.add("occurrence_skew", skewness(counts), at=options["neighbours"])
    numbers.add("occurrence_most", counts.max() / max(searches, 1), at=options["neighbours"])
    add_guard(numbers, experiment, rates, newcomers)
    made: dict[str, list[Effect]] = {kind: [] for kind in options["kinds"]}
    for one in experiment.effects():
        kind, many = one[:2]
        cell = {"threat": f"hub-{kind}", "fraction": many / (size + many * (kind in ADDED))}
        if isinstance(one, Effect):
            add_effect(numbers, rates, one, options["top"], cell)
            made[kind].append(one)
        else:
            numbers.refuse("hits", one[2], at=f"{many}/{options['top'][0]}", **cell)
    for kind, effects in made.items():
        for k in options["top"]:
            outcomes[f"entries_{kind}_{k}"] = fewest(rates, effects, k)
            add_for_half(numbers, rates, effects, k, f"hub-{kind}")
    add_strongest(numbers, experiment, rates, made, options["top"])
    return pd.DataFrame(outcomes)


def add_guard(
    numbers: Numbers,
    experiment: Experiment,
    rates: Rates,
    newcomers: tuple[np.ndarray, np.ndarray],
) -> None:
    """Add what the defences do where nobody attacks."""
    guard, options = experiment.guard, experiment.options
    if guard is None:
        numbers.refuse("gate_recall", NO_SENTINEL)
        return
    for budget in options["budgets"]:
        if not allowed(budget, len(guard.names) + 1):
            numbers.refuse("scan_recall", NO_ALERT, at=f"1/{budget:.12g}")
    clean = experiment.right()
    for defence, kept in guard.kept().items():
        rates.add_lost(numbers, clean, experiment.right(kept), defence)
    vectors, people = newcomers
    if len(vectors):
        refused = Rates(people, np.zeros(len(people), bool), rates.confidence)
        refused.add(numbers, "gate_refused", guard.refuses(vectors), "")


def add_effect(
    numbers: Numbers,
    rates: Rates,
    one: Effect,
    top: Sequence[int],
    cell: Mapping[str, Any],
) -> None:
    """Add what so many entries of a kind do, and what the defences say of them."""
    for k in top:
        rates.add(numbers, "hits", one.reached[k], f"{one.many}/{k}", **cell)
        rates.add_people(numbers, "people_hit", one.reached[k], f"{one.many}/{k}", **cell)
        if one.seen is not None:
            numbers.add("hits_seen", one.seen[k], at=f"{one.many}/{k}", **cell)
    for index, reached in one.through.items():
        for k in top:
            rates.add(numbers, "hits_by_index", reached[k], f"{one.many}/{k}/{index}", **cell)
    if one.kind in ADDED:
        rates.add(numbers, "rank1", one.right, f"{one.many}", **cell)
    if (noticed := one.noticed) is None:
        return
    numbers.add("gate_recall", noticed.refused, at=one.many, **cell)
    for k in top:
        rates.add(numbers, "hits_after_gate", noticed.after_gate[k], f"{one.many}/{k}", **cell)
    for budget, found in noticed.found.items():
        at = f"{one.many}/{budget:.12g}"
        numbers.add("scan_recall", found, at=at, **cell)
        numbers.add("scan_alarms", noticed.alarms[budget], at=at, **cell)
        for k in top:
            left = noticed.after_scan[budget, k]
            at = f"{one.many}/{k}/{budget:.12g}"
            rates.add(numbers, "hits_after_scan", left, at, **cell)


def add_for_half(
    numbers: Numbers, rates: Rates, effects: Sequence[Effect], k: int, threat: str
) -> None:
    """Add the smallest number of entries of those tried that half of the searches have first."""
    for one in effects:
        if rates.each(one.reached[k]).mean() >= 0.5:
            numbers.add("entries_for_half", one.many, at=k, threat=threat)
            return
    numbers.refuse("entries_for_half", TOO_FEW, at=k, threat=threat)


def add_strongest(
    numbers: Numbers,
    experiment: Experiment,
    rates: Rates,
    made: Mapping[str, Sequence[Effect]],
    top: Sequence[int],
) -> None:
    """Add what one entry does, of the attack that does most to the attacker's own sample."""
    kind = experiment.strongest()
    one = next((one for one in made.get(kind or "", []) if one.many == 1), None)
    for k in top:
        if one is None:
            numbers.refuse("one_entry", NOT_MADE, at=k)
        else:
            rates.add(numbers, "one_entry", one.reached[k], f"{k}")


def fewest(rates: Rates, effects: Sequence[Effect], k: int) -> np.ndarray:
    """Return how few entries each search needs to have one among its first k; inf: more than tried.

    float64 (n,).
    """
    needed = np.full(len(rates.failed), np.inf)
    for one in reversed(effects):
        needed[rates.spread(one.reached[k])] = one.many
    return needed
