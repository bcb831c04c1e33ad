"""The numbers of galleries that grow: what is found at each size, and what a law says of larger."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from facebench.evaluation.results import Numbers
from facebench.evaluation.task import Task
from facebench.protocols.open_set import Searches, open_set
from facebench.protocols.scale.law import LAWS, fit
from facebench.stats.intervals import Interval, identity_draws, percentiles, rate_interval
from facebench.stats.person_rates import spread_of

#: Fewest sizes with strangers that a law is fitted to; one more is needed to check it.
FEWEST = 2


class Point(NamedTuple):
    """What is found in galleries with so many strangers, as a mean over draws of these."""

    strangers: int
    #: The people of the mated searches, and in what share of the draws the mate came first: (n,).
    people: np.ndarray
    found: np.ndarray
    #: Variance of the rate over draws of strangers, NaN of one draw; and how many draws.
    variance: float
    draws: int
    #: By FPIR: misses of the mated searches, float64 (n,), variance over draws of people with the
    #: thresholds found anew, variance over draws of strangers.
    missed: dict[float, tuple[np.ndarray, float, float]]


class Curve(NamedTuple):
    """All sizes, with `real` or `simulated` strangers."""

    name: str
    points: list[Point]


def point(task: Task, grown: Sequence[Searches], strangers: int, rates: Sequence[float]) -> Point:
    """Return what is found; grown: the same searches in the galleries of each draw."""
    pictures, statistics = task.pictures, task.statistics
    mated = grown[0].mated
    found = np.stack([(one.rank[mated] <= 1).astype(float) for one in grown])
    misses: dict[float, list[np.ndarray]] = {rate: [] for rate in rates}
    known: dict[float, float] = {}
    for number, one in enumerate(grown):
        result = open_set(
            one, pictures.people, len(pictures.identities), np.asarray(rates, float), 1,
            statistics["draws"] if not number else 1, statistics["seed"],
        )  # fmt: skip
        for i, rate in enumerate(rates):
            misses[rate].append(1.0 - result.found[mated, i])
            known.setdefault(rate, float(np.nanvar(result.draws[:, i])))
    missed = {
        rate: (np.mean(each, axis=0), known[rate], over_draws(np.stack(each).mean(axis=1)))
        for rate, each in misses.items()
    }
    people = pictures.people[grown[0].picture[mated]]
    return Point(
        strangers, people, found.mean(axis=0), over_draws(found.mean(axis=1)), len(grown), missed
    )


def over_draws(rates: np.ndarray) -> float:
    """Return the variance of a rate over draws of strangers; NaN of a single one."""
    return float(rates.var(ddof=1)) if len(rates) > 1 else float("nan")


def add_curve(
    numbers: Numbers,
    curve: Curve,
    enrolled: int,
    options: Mapping[str, Any],
    refused: Mapping[float, str | None],
    statistics: Mapping[str, Any],
) -> None:
    """Add the numbers of a curve: `at` is the number of strangers beside those enrolled."""
    cell: dict[str, Any] = {"threat": f"scale-{curve.name}"}
    last, last_missed = 0.0, dict.fromkeys(options["fpir"], 0.0)
    for one in curve.points:
        # A gallery that is drawn once gets the variance of the largest that was drawn more often.
        last = one.variance if one.draws > 1 else last
        interval = interval_of(one.found, one.people, None, last / one.draws, statistics)
        numbers.add("rank1", float(one.found.mean()), interval, at=one.strangers, **cell)
        numbers.add("draws", one.draws, at=one.strangers, **cell)
        for rate, why in refused.items():
            at = f"{one.strangers}/{rate:g}"
            if why is not None:
                numbers.refuse("fnir", why, at=at, **cell)
                continue
            missed, variance, drawn = one.missed[rate]
            last_missed[rate] = drawn if one.draws > 1 else last_missed[rate]
            interval = interval_of(
                missed, one.people, variance, last_missed[rate] / one.draws, statistics
            )
            numbers.add("fnir", float(missed.mean()), interval, at=at, **cell)
    add_law(numbers, curve, enrolled, options["extrapolate"], statistics, cell)


def interval_of(
    results: np.ndarray,
    people: np.ndarray,
    variance: float | None,
    drawn: float,
    statistics: Mapping[str, Any],
) -> Interval:
    """Return the interval of a mean of searches' results over people, and draws of strangers.

    variance: over draws of people, enlarged as their contributions say; None for their own. drawn:
    the variance of the mean over draws of strangers.
    """
    known, effective = spread_of(results[:, None], people)
    own = float(known.variance[0]) if variance is None else variance * float(known.inflation[0])
    freedom = float(known.freedom[0])
    confidence = statistics["confidence"]
    return rate_interval(float(results.mean()), own + drawn, effective, confidence, freedom)


def add_law(
    numbers: Numbers,
    curve: Curve,
    enrolled: int,
    extrapolate: Sequence[float],
    statistics: Mapping[str, Any],
    cell: dict[str, Any],
) -> None:
    """Add what each law says of larger galleries, and how it predicts the largest measured one.

    Intervals are percentiles over draws of people; strangers and the law itself are taken as known.
    `law_error`: predicted less measured, from all sizes but the largest.
    """
    points = [one for one in curve.points if one.strangers]
    if len(points) < FEWEST + 1:
        numbers.refuse("law_error", "A law and its check take three sizes.", at="power", **cell)
        return
    entries = np.array([enrolled + one.strangers for one in points], float)
    value, samples = resampled(points, statistics)
    for law in LAWS:
        part = [fit(law, entries[:-1], rows[:, :-1]).at(entries[-1]) for rows in (value, samples)]
        apart = [said - rows[:, -1] for said, rows in zip(part, (value, samples), strict=True)]
        interval = percentiles(apart[1], statistics["confidence"])
        numbers.add("law_error", float(apart[0][0]), interval, at=law, **cell)
        for size in extrapolate:
            one, many = (fit(law, entries, rows).at(float(size)) for rows in (value, samples))
            interval = percentiles(many, statistics["confidence"])
            numbers.add("law", float(one[0]), interval, at=f"{law}/{size:g}", **cell)


def resampled(
    points: Sequence[Point], statistics: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share found at each size, (1, sizes), and in every draw of people, (draws, sizes).

    The same people are drawn at all sizes.
    """
    codes, people = np.unique(points[0].people, return_inverse=True)
    trials = np.bincount(people)
    right = np.stack([np.bincount(people, weights=one.found) for one in points], axis=1)
    value = (right.sum(axis=0) / trials.sum())[None]
    draws = [
        (weights @ right) / (weights @ trials)[:, None]
        for weights in identity_draws(len(codes), statistics["draws"], statistics["seed"])
    ]
    return value, np.concatenate(draws)
