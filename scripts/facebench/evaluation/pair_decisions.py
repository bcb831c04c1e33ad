"""All pairs of some pictures, decided once for all protocols of a job that ask for them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from facebench.evaluation.pictures import Pictures
from facebench.evaluation.results import text
from facebench.evaluation.task import Task
from facebench.protocols.verify import Verified, verify


class Decided(NamedTuple):
    """All pairs of some pictures, and whose they are."""

    found: Verified
    #: The people: places in `Pictures.identities`, int64 (people,)
    people: np.ndarray
    #: Each one's pictures, and how many of them can't be used: int64 (people,)
    attempts: np.ndarray
    failed: np.ndarray


def decided(task: Task, chosen: np.ndarray, rates: Sequence[float]) -> Decided:
    """Return the decisions on all pairs of the pictures `chosen`, int (n,), at some rates.

    The last ones are kept with the pictures: `verify` and `all_pairs` ask for the same.
    """
    pictures, statistics = task.pictures, task.statistics
    asked = (chosen.tobytes(), tuple(rates), statistics["draws"], statistics["seed"])
    if asked not in pictures.decided:
        pictures.decided.clear()
        pictures.decided[asked] = _decide(pictures, chosen, rates, asked[2], asked[3])
    return pictures.decided[asked]


def _decide(
    pictures: Pictures, chosen: np.ndarray, rates: Sequence[float], draws: int, seed: int
) -> Decided:
    rows = pictures.rows[chosen]
    numbers_of, people = np.unique(pictures.people[chosen], return_inverse=True)
    count = len(numbers_of)
    found = verify(pictures.embeddings, rows, people, count, np.asarray(rates, float), draws, seed)
    failed = np.bincount(people, weights=rows < 0, minlength=count).astype(int)
    return Decided(found, numbers_of, np.bincount(people, minlength=count), failed)


def by_person(pictures: Pictures, made: Decided, rates: Sequence[float]) -> pd.DataFrame:
    """Return the outcomes: one row a person."""
    found = made.found
    outcomes = pd.DataFrame(
        {
            "identity": pictures.identities[made.people],
            "n_images": made.attempts,
            "n_failed": made.failed,
            "right_pairs": found.right_pairs,
        }
    )
    for i, rate in enumerate(rates):
        outcomes[f"right_accepted@{text(rate)}"] = found.right_accepted[:, i]
        outcomes[f"wrong_accepted@{text(rate)}"] = found.wrong_accepted[:, i]
        others = found.taken_for[i]
        if others is not None:
            outcomes[f"taken_for@{text(rate)}"] = pd.Series(others)
    return outcomes
