"""Every pair of pictures: TMR at fixed FMR, without and with each picture beside itself."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.pair_decisions import Decided, by_person, decided
from facebench.evaluation.picture_lists import chosen_of
from facebench.evaluation.results import Numbers, text
from facebench.evaluation.task import Result, Task
from facebench.evaluation.verify import NO_PAIRS, intervals, threshold_interval
from facebench.stats.enough_data import why_unmeasurable

#: Metric -> what `verify` calls it.
METRICS = {"tmr": "tar", "tmr_with_itself": "tar_with_itself"}


def all_pairs(task: Task) -> Result:
    """Decide every pair of all pictures, and of each named list of them."""
    pictures, options = task.pictures, task.options
    fmr, most = options["fmr"], options["images"]
    everybody = np.arange(len(pictures.people))
    numbers = task.numbers(
        "all_pairs",
        identities=len(pictures.identities),
        images=len(everybody),
        failed=int(pictures.failed.sum()),
    )
    outcomes = pd.DataFrame({"identity": pictures.identities})
    for name, chosen in {"": everybody, **chosen_of(task)}.items():
        if len(chosen) > most:
            for rate in fmr:
                _refuse(numbers, at(rate, name), too_many(len(chosen), most))
            continue
        made = decided(task, chosen, fmr)
        _add(numbers, made, fmr, name, task.statistics["confidence"])
        if not name:
            outcomes = by_person(pictures, made, fmr)
    parameters = {
        "fmr": list(fmr),
        "images": most,
        "lists": dict(task.lists),
        "statistics": dict(task.statistics),
    }
    return Result(numbers, outcomes, parameters, pictures.record)


def _add(
    numbers: Numbers, made: Decided, fmr: Sequence[float], name: str, confidence: float
) -> None:
    """Add the numbers of one list, and refuse those that it can't resolve."""
    found, people = made.found, len(made.people)
    cell: dict[str, Any] = {
        "n_identities": people,
        "n_images": int(made.attempts.sum()),
        "n_failed": int(made.failed.sum()),
    }
    known = intervals(found, confidence)
    for i, rate in enumerate(fmr):
        problem = why_unmeasurable(rate, "FMR", found.wrong_pairs, people * (people - 1) / 2)
        if not found.right_pairs.any():
            problem = NO_PAIRS
        if problem:
            _refuse(numbers, at(rate, name), problem, **cell)
            continue
        for metric, called in METRICS.items():
            value, (interval, largest) = getattr(found, called)[i], known[called, i]
            numbers.add(metric, float(value), interval, at=at(rate, name), largest=largest, **cell)
        score = threshold_interval(found, i, confidence)
        numbers.add("threshold", float(found.threshold[i]), score, at=at(rate, name), **cell)


def _refuse(numbers: Numbers, point: str, reason: str, **cell: int) -> None:
    for metric in METRICS:
        numbers.refuse(metric, reason, at=point, **cell)


def at(rate: float, name: str) -> str:
    """Return the point of a number: its FMR, and after a slash the list.

    >>> at(0.001, ""), at(0.001, "half")
    ('0.001', '0.001/half')
    """
    return text(rate) + (f"/{name}" if name else "")


def too_many(pictures: int, most: int) -> str:
    """Return why so many pictures are not compared with each other."""
    return (
        f"{pictures:,} pictures are more than all_pairs.images, {most:,}: all pairs of a random"
        " choice are what verify measures."
    )
