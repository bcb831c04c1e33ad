"""Verification over all pairs: TAR at fixed FAR, area under the curve, equal error rate."""

from collections.abc import Sequence

import numpy as np

from facebench.evaluation.pair_decisions import by_person, decided
from facebench.evaluation.results import Numbers
from facebench.evaluation.task import Result, Task
from facebench.logs import LOG
from facebench.protocols.verify import Verified, sample
from facebench.stats.enough_data import why_unmeasurable
from facebench.stats.intervals import (
    Interval,
    difference_interval,
    effective_people,
    rate_interval,
    skewed_interval,
)
from facebench.stats.person_rates import spread

#: Numbers that are means of skewed contributions: 1 where these are successes, -1 where the
#: number is of errors.
SKEWED = {"auc": 1, "eer": -1}
#: A variance below it is rounding: all people are alike.
SAME = 1e-12
NO_PAIRS = "No two pictures are of one person, so there is nothing to verify."


def verify(task: Task) -> Result:
    """Decide all pairs of at most `images` pictures."""
    pictures, statistics = task.pictures, task.statistics
    far, images = task.options["far"], task.options["images"]
    chosen = sample(len(pictures.people), images, statistics["seed"])
    if len(chosen) < len(pictures.people):
        LOG.info(
            "All pairs of a random %s of the %s pictures: verify.images is the limit.",
            f"{len(chosen):,}", f"{len(pictures.people):,}",
        )  # fmt: skip
    made = decided(task, chosen, far)
    numbers = task.numbers(
        "verify",
        identities=len(made.people),
        images=len(chosen),
        failed=int(made.failed.sum()),
    )
    add_numbers(made.found, far, statistics["confidence"], numbers)
    outcomes = by_person(pictures, made, far)
    parameters = {"far": list(far), "images": images, "statistics": dict(statistics)}
    return Result(numbers, outcomes, parameters, pictures.record)


def add_numbers(found: Verified, far: Sequence[float], confidence: float, numbers: Numbers) -> None:
    """Add the numbers, and refuse those that the data can't resolve."""
    people_pairs = numbers.n_identities * (numbers.n_identities - 1) / 2
    has_pairs = bool(found.right_pairs.any())
    made = intervals(found, confidence)
    for i, rate in enumerate(far):
        problem = why_unmeasurable(rate, "FAR", found.wrong_pairs, people_pairs)
        if not has_pairs:
            problem = NO_PAIRS
        for metric, value in (("tar", found.tar[i]), ("tar_person", found.tar_person[i])):
            if problem:
                numbers.refuse(metric, problem, at=rate)
            else:
                interval, largest = made[metric, i]
                numbers.add(metric, float(value), interval, at=rate, largest=largest)
        if not problem:
            interval = threshold_interval(found, i, confidence)
            numbers.add("threshold", float(found.threshold[i]), interval, at=rate)
    for metric in ("auc", "eer"):
        if not has_pairs or not found.wrong_pairs:
            numbers.refuse(metric, NO_PAIRS if not has_pairs else "All pictures are of one person.")
            continue
        interval, largest = made[metric, 0]
        numbers.add(metric, float(getattr(found, metric)), interval, largest=largest)


def intervals(found: Verified, confidence: float) -> dict[tuple[str, int], tuple[Interval, float]]:
    """Return the interval of each number by (metric, place in the rates), and one person's share.

    The variance over the draws, which find thresholds anew, is enlarged as much as the people's own
    contributions say (`Spread.inflation`).
    """
    pairs = found.right_pairs
    paired = np.flatnonzero(pairs)
    right = found.right_accepted.astype(float)
    itself, tries = 2 * right + found.itself_accepted, 2 * pairs + found.pictures
    own = right[paired] / pairs[paired, None]
    area = found.placements.T[..., None]
    equal = found.right_at_eer[:, None]
    spreads = {
        "tar": spread(right, right, pairs),
        "tar_person": spread(own, own**2, np.ones(len(paired))),
        "tar_with_itself": spread(itself, itself, tries),
        "auc": spread(area[0], area[1], pairs),
        "eer": spread(equal, equal, pairs),
    }
    values = [*found.tar, *found.tar_person, *found.tar_with_itself, found.auc, found.eer]
    counted = {"tar_person": pairs > 0, "tar_with_itself": tries}
    places = [(metric, i) for metric in spreads for i in range(len(spreads[metric].variance))]
    variances = np.ma.masked_invalid(found.draws).var(axis=0).filled(np.nan)
    made = {}
    for (metric, i), value, variance in zip(places, values, variances, strict=True):
        known = spreads[metric]
        people = effective_people(counted.get(metric, pairs))
        spread_out = float(variance * known.inflation[i])
        freedom = float(known.freedom[i])
        if metric in SKEWED and people >= 2 and spread_out > SAME:
            skew = float(known.skew[i]) * SKEWED[metric]
            interval = skewed_interval(float(value), spread_out, skew, freedom, confidence)
        else:
            interval = rate_interval(float(value), spread_out, people, confidence, freedom)
        made[metric, i] = (interval, float(known.largest[i]))
    return made


def threshold_interval(found: Verified, i: int, confidence: float) -> Interval:
    """Return the interval of the threshold at the rate in place `i`: scores, from -1 to 1.

    Student's, with the variance over the draws of people, each of which finds its threshold anew.
    A draw without any pair of two people has none.
    """
    drawn = found.threshold_draws[:, i]
    variance = float(np.ma.masked_invalid(drawn).var())
    freedom = effective_people(found.pictures) - 1
    interval = difference_interval(float(found.threshold[i]), variance, freedom, confidence)
    low, high = np.clip(interval, -1, 1).tolist()
    return low, high
