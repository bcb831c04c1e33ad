"""From outcomes to numbers: protection, ranks, misses, each with its interval over people."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.results import Numbers
from facebench.protocols.name import median_draws
from facebench.protocols.poison.by_person import KEYS
from facebench.protocols.poison.experiments import untouched
from facebench.protocols.poison.misses import AllStrangers, Misses
from facebench.stats.gains import gain_interval
from facebench.stats.intervals import percentiles
from facebench.stats.shares import mean_interval

CLASSIFIERS = ("nearest", "linear", "adaptive")
#: Ending of a number that is of pictures that a shared change was made from, or only put on.
MADE_FROM = {"_made_from": 1, "_new": 0}


def measure(
    numbers: Numbers,
    outcomes: pd.DataFrame,
    strangers: AllStrangers,
    ranks: Sequence[int],
    refused: Mapping[float, str | None],
    statistics: Mapping[str, Any],
) -> None:
    """Add the numbers of every experiment; `refused`: by FPIR, why it can't be measured, or None.

    strangers: the searches that set the thresholds. All numbers are means over people, with the
    same weight for each.
    """
    misses = Misses(strangers, [rate for rate, reason in refused.items() if not reason], statistics)
    order = ["attack", "threat", "reencode"]
    for _, group in outcomes.groupby(order, sort=False):
        shares = {share: part for share, part in group.groupby("fraction", sort=True)}
        baseline = shares[0.0]
        for part in shares.values():
            add_experiment(numbers, part, baseline, ranks, statistics)
            add_misses(numbers, part, misses, refused)


def add_experiment(
    numbers: Numbers,
    table: pd.DataFrame,
    baseline: pd.DataFrame,
    ranks: Sequence[int],
    statistics: Mapping[str, Any],
) -> None:
    """Add the numbers of one experiment; `baseline` is that of the same people without a cloak."""
    first = table.iloc[0]
    cell = {key: first[key] for key in KEYS} | {"n_identities": len(table)}
    probes = table["probes"].to_numpy(np.int64)
    known = [name for name in CLASSIFIERS if name in table and table[name].notna().all()]
    missed = {name: 1 - table[name].to_numpy(float) / probes for name in known}
    before = {name: 1 - baseline[name].to_numpy(float) / probes for name in known}
    levels = {("protection", name): missed[name] for name in known}
    for k in ranks:
        within = [np.mean(np.asarray(one) <= k) for one in table["rank"]]
        levels["rank", f"{k}"] = np.array(within)
    sure = statistics["confidence"]
    for (metric, at), values in levels.items():
        numbers.add(metric, float(values.mean()), mean_interval(values, sure, probes), at, **cell)
    if first["fraction"] > 0:
        for name in known:
            gain = missed[name] - before[name]
            interval = gain_interval(gain, sure, probes)
            numbers.add("protection_gain", float(gain.mean()), interval, name, **cell)
    if first["fraction"] > 0 and "made_from" in table:
        add_made_from(numbers, table, baseline, cell, sure)
    numbers.add("share", float(table["share"].mean()), **cell)
    values = np.concatenate([np.asarray(one, float) for one in table["rank"]])
    person = np.repeat(np.arange(len(table)), table["probes"])
    draws = median_draws(values, person, len(table), statistics["draws"], statistics["seed"])
    middle = float(np.quantile(values, 0.5, method="inverted_cdf"))
    numbers.add("median_rank", middle, percentiles(draws, sure), **cell)


def add_made_from(
    numbers: Numbers,
    table: pd.DataFrame,
    baseline: pd.DataFrame,
    cell: Mapping[str, Any],
    confidence: float,
) -> None:
    """Add the protection of searches with pictures that a change was made from, and with others."""
    made, found, before = (
        [np.asarray(one) for one in column]
        for column in (table["made_from"], table["found"], baseline["found"])
    )
    for ending, value in MADE_FROM.items():
        some = [one == value for one in made]
        many = np.array([one.sum() for one in some])
        there = np.flatnonzero(many)
        if not len(there):
            continue
        missed = np.array([1 - found[i][some[i]].mean() for i in there])
        gain = missed - np.array([1 - before[i][some[i]].mean() for i in there])
        where = {**cell, "n_identities": len(there)}
        for metric, rates, interval in (
            ("protection", missed, mean_interval(missed, confidence, many[there])),
            ("protection_gain", gain, gain_interval(gain, confidence, many[there])),
        ):
            numbers.add(metric + ending, float(rates.mean()), interval, "nearest", **where)


def add_misses(
    numbers: Numbers, table: pd.DataFrame, misses: Misses, refused: Mapping[float, str | None]
) -> None:
    """Add the misses of one experiment at every FPIR that can be measured."""
    first = table.iloc[0]
    cell = {key: first[key] for key in KEYS} | {"n_identities": len(table)}
    for rate, reason in refused.items():
        if reason is None:
            value = float((table[f"missed@{rate:g}"] / table["probes"]).mean())
            interval = misses.interval(table, rate, untouched(first["reencode"]))
            numbers.add("fnir", value, interval, rate, **cell)
