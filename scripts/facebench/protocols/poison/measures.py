"""From outcomes to numbers: protection, ranks, misses, each with its interval over people."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.results import Numbers
from facebench.protocols.name import median_draws
from facebench.protocols.poison.run import KEYS
from facebench.stats.intervals import (
    NO_INTERVAL,
    Interval,
    percentiles,
    rate_interval,
    resampled_ratio,
)
from facebench.timing import loading

CLASSIFIERS = ("nearest", "linear", "adaptive")


def measure(
    numbers: Numbers,
    outcomes: pd.DataFrame,
    ranks: Sequence[int],
    refused: Mapping[float, str | None],
    statistics: Mapping[str, Any],
) -> None:
    """Add the numbers of every experiment; `refused`: by FPIR, why it can't be measured, or None.

    All are means over people, with the same weight for each.
    """
    order = ["attack", "threat", "reencode"]
    for _, group in outcomes.groupby(order, sort=False):
        shares = {share: part for share, part in group.groupby("fraction", sort=True)}
        baseline = shares[0.0]
        for part in shares.values():
            add_experiment(numbers, part, baseline, ranks, refused, statistics)


def add_experiment(
    numbers: Numbers,
    table: pd.DataFrame,
    baseline: pd.DataFrame,
    ranks: Sequence[int],
    refused: Mapping[float, str | None],
    statistics: Mapping[str, Any],
) -> None:
    """Add the numbers of one experiment; `baseline` is that of the same people without a cloak."""
    first = table.iloc[0]
    cell = {key: first[key] for key in KEYS} | {"n_identities": len(table)}
    probes = table["probes"].to_numpy(float)
    known = [name for name in CLASSIFIERS if name in table and table[name].notna().all()]
    missed = {name: 1 - table[name].to_numpy(float) / probes for name in known}
    before = {name: 1 - baseline[name].to_numpy(float) / probes for name in known}
    levels = {("protection", name): missed[name] for name in known}
    for k in ranks:
        within = [np.mean(np.asarray(one) <= k) for one in table["rank"]]
        levels["rank", f"{k}"] = np.array(within)
    for rate, reason in refused.items():
        if reason is None:
            levels["fnir", f"{rate:g}"] = table[f"missed@{rate:g}"].to_numpy(float) / probes
    intervals = mean_intervals(np.stack(list(levels.values()), axis=1), statistics)
    for ((metric, at), values), interval in zip(levels.items(), intervals, strict=True):
        numbers.add(metric, float(values.mean()), interval, at, **cell)
    if first["fraction"] > 0:
        for name in known:
            gain = missed[name] - before[name]
            interval = gain_interval(gain, statistics["confidence"])
            numbers.add("protection_gain", float(gain.mean()), interval, name, **cell)
    numbers.add("share", float(table["share"].mean()), **cell)
    values = np.concatenate([np.asarray(one, float) for one in table["rank"]])
    person = np.repeat(np.arange(len(table)), table["probes"])
    draws = median_draws(values, person, len(table), statistics["draws"], statistics["seed"])
    middle = float(np.quantile(values, 0.5, method="inverted_cdf"))
    numbers.add("median_rank", middle, percentiles(draws, statistics["confidence"]), **cell)


def mean_interval(values: np.ndarray, statistics: Mapping[str, Any]) -> Interval:
    """Return the interval of the mean of people's rates (n,), resampling people."""
    return mean_intervals(values[:, None], statistics)[0]


def mean_intervals(values: np.ndarray, statistics: Mapping[str, Any]) -> list[Interval]:
    """Return the interval of the mean of each column of people's rates (n, m)."""
    ones = np.ones((len(values), 1))
    draws = resampled_ratio(values, ones, statistics["draws"], statistics["seed"])
    sure, people = statistics["confidence"], len(values)
    return [
        rate_interval(float(mean), float(variance), people, sure)
        for mean, variance in zip(values.mean(axis=0), draws.var(axis=0), strict=True)
    ]


def gain_interval(values: np.ndarray, confidence: float) -> Interval:
    """Return the interval of the mean of people's own differences (n,), in [-1, 1].

    Student's, with pseudo-observations added: half a person who gained, half a person who lost and
    one without a change (Agresti and Min, "Simple improved confidence intervals for comparing
    matched proportions", 2005), because no change among these people doesn't prove that there is
    none. Resampling people gives the same width without that.

    >>> low, high = gain_interval(np.zeros(40), 0.95)
    >>> round(low, 3), round(high, 3)
    (-0.048, 0.048)
    """
    with loading():
        from scipy.special import stdtrit

    n = len(values)
    if n < 2:
        return NO_INTERVAL
    middle = float(values.sum()) / (n + 2)
    square = (float(np.square(values).sum()) + 1) / (n + 2)
    deviation = float(np.sqrt((square - middle**2) / (n + 2)))
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * deviation
    return max(middle - half, -1.0), min(middle + half, 1.0)
