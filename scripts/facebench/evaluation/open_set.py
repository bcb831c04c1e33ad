"""Open-set identification: misses at the threshold that few strangers pass."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.outcomes import freed, search_outcomes
from facebench.evaluation.results import Numbers, text
from facebench.evaluation.task import Result, Task
from facebench.protocols.open_set import OpenSet, Searches, searches
from facebench.protocols.open_set import open_set as miss_rates
from facebench.stats.enough_data import why_unmeasurable
from facebench.stats.intervals import rate_interval
from facebench.stats.person_rates import rates_by_person, spread_of


def open_set(task: Task) -> Result:
    """Search with all pictures in the galleries of two halves, for several halvings."""
    pictures, statistics = task.pictures, task.statistics
    enrolled, halvings, fpir, most_rank = (
        task.options[key] for key in ("gallery", "halvings", "fpir", "rank")
    )
    n_people = len(pictures.identities)
    done = searches(
        pictures.embeddings, pictures.rows, pictures.people, n_people, enrolled,
        statistics["seed"], halvings,
    )  # fmt: skip
    found = miss_rates(
        done, pictures.people, n_people, np.asarray(fpir, float), most_rank,
        statistics["draws"], statistics["seed"],
    )  # fmt: skip
    outcomes = search_outcomes(pictures, done.picture, done)
    outcomes.insert(2, "halving", done.halving.astype(np.int32))
    outcomes.insert(3, "half", done.half)
    outcomes.insert(4, "mated", done.mated)
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
    alarm = pd.array([None] * len(outcomes), dtype="boolean")
    if hardest is not None:
        limits = found.thresholds[done.halving, done.half, list(fpir).index(hardest)]
        alarm[~done.mated] = (done.other_score >= limits)[~done.mated]
    outcomes["alarm"] = alarm
    parameters = {
        "gallery": enrolled,
        "halvings": halvings,
        "fpir": list(fpir),
        "rank": most_rank,
        "statistics": dict(statistics),
        "compared": {"metric": "tpir", "at": "" if hardest is None else text(hardest)},
    }
    return Result(numbers, outcomes, parameters, pictures.record)


def why_refused(rate: float, done: Searches, people: np.ndarray) -> str | None:
    """Return why this FPIR can't be measured, in a sentence, or None.

    Each gallery has a threshold of its own, so the one with the fewest strangers decides.
    """
    if not done.mated.any():
        return "Nobody who is enrolled has another picture to be searched with."
    alone = pd.DataFrame({"gallery": 2 * done.halving + done.half, "person": people[done.picture]})[
        ~done.mated
    ].groupby("gallery")["person"]
    galleries = range(2 * (int(done.halving.max()) + 1))
    trials = alone.size().reindex(galleries, fill_value=0).min()
    strangers = alone.nunique().reindex(galleries, fill_value=0).min()
    return why_unmeasurable(rate, "FPIR", int(trials), int(strangers))


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
    who = people[done.picture[done.mated]]
    missed = 1.0 - found.found[done.mated]
    known, effective = spread_of(missed, who) if len(who) else (None, 0.0)
    each = missed_by_halving(found, done)
    for i, (rate, refused) in enumerate(zip(fpir, problems, strict=True)):
        if refused or known is None:
            numbers.refuse("fnir", refused or "", at=rate)
            numbers.refuse("tpir", refused or "", at=rate)
            continue
        value, variance = float(found.fnir[i]), float(np.nanvar(found.draws[:, i]))
        low, high = rate_interval(
            value, variance * float(known.inflation[i]), effective, confidence,
            float(known.freedom[i]),
        )  # fmt: skip
        largest = float(known.largest[i])
        numbers.add("fnir", value, (low, high), at=rate, largest=largest)
        numbers.add("tpir", 1 - value, (1 - high, 1 - low), at=rate)
        if len(each) > 1:
            numbers.add("fnir_halving_sd", float(each[:, i].std(ddof=1)), at=rate)
        for half in (0, 1):
            # The first halving's: thresholds of different galleries are not one number.
            numbers.add("threshold", float(found.thresholds[0, half, i]), at=f"{text(rate)}/{half}")


def missed_by_halving(found: OpenSet, done: Searches) -> np.ndarray:
    """Return FNIR in each halving alone: float64 (halvings, rates)."""
    missed = pd.DataFrame(1.0 - found.found[done.mated])
    return missed.groupby(done.halving[done.mated]).mean().to_numpy()


def add_investigation(numbers: Numbers, mated: pd.DataFrame, statistics: Mapping[str, Any]) -> None:
    """Add the share of mated searches that don't have their mate first, without any threshold."""
    if mated.empty:
        numbers.refuse("fnir_investigation", "Nobody can be searched for.", at=1)
        return
    missed = mated["rank"].to_numpy()[:, None] > 1
    other, gain = freed(mated)
    who = mated["identity"].to_numpy(object)
    ((value, interval, largest),) = rates_by_person(
        missed, who, statistics["confidence"], other, -gain
    )
    numbers.add("fnir_investigation", value, interval, at=1, largest=largest)
