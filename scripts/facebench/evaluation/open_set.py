"""Open-set identification: misses at the threshold that few strangers pass."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.outcomes import search_outcomes
from facebench.evaluation.results import Numbers, text
from facebench.evaluation.task import Result, Task
from facebench.protocols.open_set import OpenSet, Searches, searches
from facebench.protocols.open_set import open_set as miss_rates
from facebench.stats.enough_data import why_unmeasurable
from facebench.stats.intervals import effective_people, rate_interval, rates_by_person


def open_set(task: Task) -> Result:
    """Search with all pictures in the galleries of two halves."""
    pictures, statistics = task.pictures, task.statistics
    enrolled, fpir, most_rank = (task.options[key] for key in ("gallery", "fpir", "rank"))
    n_people = len(pictures.identities)
    done = searches(
        pictures.embeddings, pictures.rows, pictures.people, n_people, enrolled, statistics["seed"]
    )
    found = miss_rates(
        done, pictures.people, n_people, np.asarray(fpir, float), most_rank,
        statistics["draws"], statistics["seed"],
    )  # fmt: skip
    outcomes = search_outcomes(pictures, done.picture, done)
    outcomes.insert(2, "half", done.half)
    outcomes.insert(3, "mated", done.mated)
    numbers = task.numbers(
        "open_set",
        identities=outcomes["identity"][done.mated].nunique(),
        images=len(pictures.people),
        failed=int(pictures.failed.sum()),
    )
    refused = [why_refused(rate, done, pictures.people) for rate in fpir]
    add_numbers(found, done, pictures.people, fpir, refused, statistics["confidence"], numbers)
    add_investigation(numbers, outcomes[done.mated], statistics)

    hardest = min((r for r, p in zip(fpir, refused, strict=True) if p is None), default=None)
    correct = pd.array([None] * len(outcomes), dtype="boolean")
    if hardest is not None:
        correct[done.mated] = found.found[done.mated, list(fpir).index(hardest)]
    outcomes["correct"] = correct
    parameters = {
        "gallery": enrolled,
        "fpir": list(fpir),
        "rank": most_rank,
        "statistics": dict(statistics),
        "compared": {"metric": "tpir", "at": "" if hardest is None else text(hardest)},
    }
    return Result(numbers, outcomes, parameters, pictures.record)


def why_refused(rate: float, done: Searches, people: np.ndarray) -> str | None:
    """Return why this FPIR can't be measured, in a sentence, or None."""
    if not done.mated.any():
        return "Nobody who is enrolled has another picture to be searched with."
    alone = ~done.mated
    trials = min(int(np.count_nonzero(alone & (done.half == half))) for half in (0, 1))
    strangers = len(np.unique(people[done.picture[alone]]))
    return why_unmeasurable(rate, "FPIR", trials, strangers)


def add_numbers(
    found: OpenSet,
    done: Searches,
    people: np.ndarray,
    fpir: Sequence[float],
    problems: Sequence[str | None],
    confidence: float,
    numbers: Numbers,
) -> None:
    """Add the numbers at each FPIR, and refuse those that the data can't resolve."""
    effective = effective_people(np.bincount(people[done.picture[done.mated]], minlength=1))
    for i, (rate, refused) in enumerate(zip(fpir, problems, strict=True)):
        if refused:
            numbers.refuse("fnir", refused, at=rate)
            numbers.refuse("tpir", refused, at=rate)
            continue
        value, variance = float(found.fnir[i]), float(np.nanvar(found.draws[:, i]))
        low, high = rate_interval(value, variance, effective, confidence)
        numbers.add("fnir", value, (low, high), at=rate)
        numbers.add("tpir", 1 - value, (1 - high, 1 - low), at=rate)
        for half in (0, 1):
            numbers.add("threshold", float(found.thresholds[half, i]), at=f"{text(rate)}/{half}")


def add_investigation(numbers: Numbers, mated: pd.DataFrame, statistics: Mapping[str, Any]) -> None:
    """Add the share of mated searches that don't have their mate first, without any threshold."""
    if mated.empty:
        numbers.refuse("fnir_investigation", "Nobody can be searched for.", at=1)
        return
    missed = mated["rank"].to_numpy()[:, None] > 1
    ((value, interval),) = rates_by_person(missed, mated["identity"].to_numpy(str), **statistics)
    numbers.add("fnir_investigation", value, interval, at=1)
