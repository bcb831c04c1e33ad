"""Misses at a threshold that clean searches without a mate set, and how sure they are."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facebench.protocols.thresholds import Curve
from facebench.stats.intervals import NO_INTERVAL, Interval, identity_draws
from facebench.stats.shares import share, wilson

#: Numbers held at a time.
CELLS = 2**22


class Strangers(NamedTuple):
    """k clean searches for people as if they were not enrolled."""

    #: Who is searched for: str (k,).
    identity: np.ndarray
    #: Best score of somebody else's picture, -inf for a search that failed: float32 (k,).
    score: np.ndarray


#: Those of a study, by fold and by the variant of the pictures that nobody poisons.
AllStrangers = Mapping[tuple[int, str], Strangers]


def thresholds(
    found: Strangers, fpir: Sequence[float], weights: np.ndarray | None = None
) -> np.ndarray:
    """Return the scores that shares `fpir` of the searches reach: float64 (rates,).

    weights: how often each search counts, float (k,); once by default.

    >>> found = Strangers(np.array(["a", "b", "c", "d"]), np.float32([0.5, 0.25, 0.75, -np.inf]))
    >>> thresholds(found, [0.25, 0.5])
    array([0.75, 0.5 ])
    """
    return _redrawn(found, fpir, np.ones((1, len(found.score))) if weights is None else weights)[0]


def _redrawn(found: Strangers, fpir: Sequence[float], weights: np.ndarray) -> np.ndarray:
    """Return the thresholds of several draws, whose `weights` are (draws, k): (draws, rates)."""
    there = np.isfinite(found.score)
    curve = Curve(np.zeros(0), found.score[there])
    ordered = weights[:, there][:, curve.wrong_order]
    nobody = np.zeros((len(weights), 0))
    points = curve.at(np.asarray(fpir, float), weights.sum(axis=1), nobody, ordered)
    return points.threshold


def missed(mates: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return which searches miss: the person isn't first (-inf), or scores below the threshold."""
    return (mates < limits) | ~np.isfinite(mates)


class Misses:
    """Intervals of the share of misses: people are drawn anew, and with them every threshold."""

    def __init__(
        self, strangers: AllStrangers, fpir: Sequence[float], statistics: Mapping[str, Any]
    ) -> None:
        self._people = np.unique(np.concatenate([one.identity for one in strangers.values()]))
        blocks = identity_draws(len(self._people), statistics["draws"], statistics["seed"])
        self._draws = np.concatenate(list(blocks))
        self._fpir, self._confidence = list(fpir), statistics["confidence"]
        self._strangers = strangers
        self._limits: dict[str, np.ndarray] = {}

    def _limits_of(self, variant: str) -> np.ndarray:
        """Return the thresholds of every draw by fold: float64 (folds, draws, rates)."""
        if variant not in self._limits:
            self._limits[variant] = np.stack(
                [
                    _redrawn(one, self._fpir, self._draws[:, self._place(one.identity)])
                    for (_, name), one in sorted(self._strangers.items(), key=lambda item: item[0])
                    if name == variant
                ]
            )
        return self._limits[variant]

    def _place(self, identity: np.ndarray | pd.Series) -> np.ndarray:
        return np.searchsorted(self._people, np.asarray(identity, str))

    def interval(self, table: pd.DataFrame, rate: float, variant: str) -> Interval:
        """Return the interval of the misses of an experiment's people at one FPIR.

        table: their outcomes, with `mate` and `fold` of every search. variant: of the pictures that
        nobody poisons. The number of trials is at most what the misses at the given thresholds are
        worth.
        """
        probes = table["probes"].to_numpy(np.int64)
        found = share(table[f"missed@{rate:g}"].to_numpy(float) / probes, 1.0, probes)
        if found is None or found.spread.people < 2:
            return NO_INTERVAL
        limits = self._limits_of(variant)[:, :, self._fpir.index(rate)]
        mates = np.concatenate(table["mate"].tolist())
        folds = np.concatenate(table["fold"].tolist()).astype(np.int64)
        weights = self._draws[:, self._place(table["identity"])]
        starts = np.concatenate([[0], np.cumsum(probes)[:-1]])
        rates = []
        step = max(1, CELLS // len(mates))
        for start in range(0, len(weights), step):
            span = slice(start, start + step)
            miss = missed(mates, limits[folds, span].T)
            each = np.add.reduceat(miss, starts, axis=1, dtype=float) / probes
            with np.errstate(invalid="ignore"):
                rates.append(np.sum(weights[span] * each, axis=1) / weights[span].sum(axis=1))
        variance = float(np.nanvar(np.concatenate(rates)))
        trials = found.spread.trials
        if variance > 0:
            trials = min(trials, found.value * (1 - found.value) / variance or trials)
        return wilson(found.value, trials, found.spread.people - 1, self._confidence)
