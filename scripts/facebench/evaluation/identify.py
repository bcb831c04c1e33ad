"""Closed-set identification: the rank at which a person's own picture comes back."""

import numpy as np
import pandas as pd

from facebench.evaluation.outcomes import add_ranks, search_outcomes
from facebench.evaluation.task import Result, Task
from facebench.protocols.identify import galleries
from facebench.protocols.ranks import search


def identify(task: Task) -> Result:
    """Search with all pictures that aren't enrolled, in each of several galleries."""
    pictures, statistics = task.pictures, task.statistics
    enrolled, distractors, count = (
        task.options[key] for key in ("gallery", "distractors", "galleries")
    )
    tables: list[pd.DataFrame] = []
    size = 0
    used = np.zeros(len(pictures.people), bool)
    for gallery, probes in galleries(
        pictures.people, enrolled, distractors, count, statistics["seed"]
    ):
        found = search(pictures.embeddings, pictures.rows, pictures.people, probes, gallery)
        table = search_outcomes(pictures, probes, found)
        table.insert(0, "gallery", np.int32(len(tables)))
        tables.append(table.assign(precision=found.precision, correct=found.rank <= 1))
        used[gallery] = used[probes] = True
        size = len(gallery)
    outcomes = pd.concat(tables, ignore_index=True)
    numbers = task.numbers(
        "identify",
        identities=outcomes["identity"].nunique(),
        images=int(used.sum()),
        failed=int(pictures.failed[used].sum()),
    )
    more = "two pictures" if enrolled == 1 else f"more than {enrolled} pictures"
    nobody = f"Nobody has {more}, so nobody can be searched for."
    add_ranks(numbers, outcomes, task.options["ranks"], statistics, nobody)
    if count > 1 and not numbers.refused:
        shares = outcomes.groupby("gallery")["correct"].mean()
        numbers.add("rank_gallery_sd", float(shares.std(ddof=1)), at=1)
    parameters = {
        "gallery": enrolled,
        "galleries": count,
        "gallery_images": size,
        "distractors": distractors,
        "statistics": dict(statistics),
        "compared": {"metric": "rank", "at": "1"},
    }
    return Result(numbers, outcomes, parameters, pictures.record)
