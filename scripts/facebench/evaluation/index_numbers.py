"""The numbers of index poisoning: means over victims, and over everybody else."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.results import Numbers
from facebench.protocols.name import median_draws
from facebench.stats.intervals import NO_INTERVAL, Interval, percentiles
from facebench.stats.shares import mean_interval, share, share_intervals

NO_POOL = "There are fewer such entries, so nobody could be poisoned with this number."


class Others:
    """How often everybody but the victim is found, added up over victims."""

    def __init__(self, people: int) -> None:
        #: Searches, over all victims, and those that have a right entry first: float64 (people,).
        self.searches = np.zeros(people)
        self.right = np.zeros(people)
        #: How many probes each has: int64 (people,).
        self.probes = np.zeros(people, np.int64)

    def add(
        self, people: np.ndarray, victim: int, before: np.ndarray, after: np.ndarray
    ) -> tuple[int, int, int]:
        """Count the searches of one victim's index; return how many are right, before, after, all.

        people: int (p,), who the probes show; before, after: bool (p,), right entry first.
        """
        theirs = people != victim
        many = len(self.searches)
        self.searches += np.bincount(people[theirs], minlength=many)
        self.right += np.bincount(people[theirs & after], minlength=many)
        self.probes = np.bincount(people, minlength=many)
        return int((theirs & before).sum()), int((theirs & after).sum()), int(theirs.sum())

    def rate(self, confidence: float) -> tuple[float, Interval, int]:
        """Return the share of searches that are right, its interval, and of how many people."""
        there = self.searches > 0
        whole = self.searches[there] / self.searches.max(initial=1)
        part = self.right[there] / self.searches.max(initial=1)
        found = share(part, whole, self.probes[there])
        if found is None:
            return float("nan"), NO_INTERVAL, 0
        return found.value, share_intervals([found], confidence)[0], int(there.sum())


def add_numbers(
    numbers: Numbers,
    outcomes: pd.DataFrame,
    others: Mapping[tuple[str, int], Others],
    size: int,
    options: Mapping[str, Any],
    statistics: Mapping[str, Any],
) -> None:
    """Add the numbers of every kind and number of entries; size: of the index before."""
    for kind in options["kinds"]:
        for many in [0, *sorted(options["entries"])]:
            part = outcomes[(outcomes.kind == kind) & (outcomes.entries == many)]
            added = size + (0 if kind == "swapped" else many)
            cell = {"threat": f"index-{kind}", "fraction": many / added, "n_identities": len(part)}
            if part.empty:
                numbers.refuse("rank1", NO_POOL, at=many, **cell)
                continue
            add_victims(numbers, part, many, options["top"], statistics, cell)
            rate, interval, people = others[kind, many].rate(statistics["confidence"])
            cell["n_identities"] = people
            numbers.add("others_rank1", rate, interval, at=many, **cell)


def add_victims(
    numbers: Numbers,
    part: pd.DataFrame,
    many: int,
    top: list[int],
    statistics: Mapping[str, Any],
    cell: Mapping[str, Any],
) -> None:
    """Add how the victims are found with `many` entries poisoned."""
    rates = {("rank1", f"{many}"): shares(part["mate_rank"], 1)}
    if many:
        for k in top:
            rates["poison_in_top", f"{many}/{k}"] = shares(part["poison_rank"], k)
    searches = part["searches"].to_numpy()
    for (metric, at), values in rates.items():
        interval = mean_interval(values, statistics["confidence"], searches)
        numbers.add(metric, float(values.mean()), interval, at, **cell)
    places = np.concatenate(part["mate_rank"].tolist())
    person = np.repeat(np.arange(len(part)), searches)
    draws = median_draws(places, person, len(part), statistics["draws"], statistics["seed"])
    middle = float(np.quantile(places, 0.5, method="inverted_cdf"))
    interval = percentiles(draws, statistics["confidence"])
    numbers.add("median_rank", middle, interval, at=many, **cell)


def shares(places: pd.Series, k: int) -> np.ndarray:
    """Return the share of each victim's searches whose place is at most k: float64 (victims,)."""
    return np.array([np.mean(np.asarray(one) <= k) for one in places])
