"""Verification over all pairs: TAR at fixed FAR, area under the curve, equal error rate."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from facebench.evaluation.results import Numbers, text
from facebench.evaluation.task import Result, Task
from facebench.logs import LOG
from facebench.protocols.verify import Verified, sample
from facebench.protocols.verify import verify as decide_all_pairs
from facebench.stats.enough_data import why_unmeasurable
from facebench.stats.intervals import effective_people, rate_interval

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
    numbers_of, people = np.unique(pictures.people[chosen], return_inverse=True)
    attempts = np.bincount(people, minlength=len(numbers_of))
    numbers = task.numbers(
        "verify",
        identities=len(numbers_of),
        images=len(chosen),
        failed=int(pictures.failed[chosen].sum()),
    )
    rows = pictures.rows[chosen]
    found = decide_all_pairs(
        pictures.embeddings, rows, people, len(numbers_of), np.asarray(far, float),
        statistics["draws"], statistics["seed"],
    )  # fmt: skip
    add_numbers(found, far, statistics["confidence"], numbers)
    outcomes = pd.DataFrame(
        {
            "identity": pictures.identities[numbers_of],
            "n_images": attempts,
            "n_failed": np.bincount(people, weights=rows < 0, minlength=len(attempts)).astype(int),
            "right_pairs": found.right_pairs,
        }
    )
    for i, rate in enumerate(far):
        outcomes[f"right_accepted@{text(rate)}"] = found.right_accepted[:, i]
        outcomes[f"wrong_accepted@{text(rate)}"] = found.wrong_accepted[:, i]
    parameters = {"far": list(far), "images": images, "statistics": dict(statistics)}
    return Result(numbers, outcomes, parameters, pictures.record)


def add_numbers(found: Verified, far: Sequence[float], confidence: float, numbers: Numbers) -> None:
    """Add the numbers, and refuse those that the data can't resolve."""
    effective = effective_people(found.right_pairs)
    with_pairs = float(np.count_nonzero(found.right_pairs))
    with np.errstate(invalid="ignore"):
        variance = np.nanvar(found.draws, axis=0)
    people_pairs = numbers.n_identities * (numbers.n_identities - 1) / 2
    for i, rate in enumerate(far):
        problem = why_unmeasurable(rate, "FAR", found.wrong_pairs, people_pairs)
        if not with_pairs:
            problem = NO_PAIRS
        values = {
            "tar": (found.tar[i], variance[i], effective),
            "tar_person": (found.tar_person[i], variance[len(far) + i], with_pairs),
        }
        for metric, (value, spread, independent) in values.items():
            if problem:
                numbers.refuse(metric, problem, at=rate)
            else:
                interval = rate_interval(value, spread, independent, confidence)
                numbers.add(metric, float(value), interval, at=rate)
        if not problem:
            numbers.add("threshold", float(found.threshold[i]), at=rate)
    for j, metric in enumerate(("auc", "eer")):
        if not with_pairs or not found.wrong_pairs:
            numbers.refuse(
                metric, NO_PAIRS if not with_pairs else "All pictures are of one person."
            )
            continue
        value = float(getattr(found, metric))
        interval = rate_interval(value, variance[2 * len(far) + j], effective, confidence)
        numbers.add(metric, value, interval)
