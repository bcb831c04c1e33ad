"""Closed-set identification: the rank at which a person's own picture comes back."""

import numpy as np

from facebench.evaluation.outcomes import add_ranks, search_outcomes
from facebench.evaluation.task import Result, Task
from facebench.protocols.identify import split
from facebench.protocols.ranks import search
from facebench.words import counted


def identify(task: Task) -> Result:
    """Search with all pictures that aren't enrolled."""
    pictures, statistics = task.pictures, task.statistics
    enrolled, distractors = task.options["gallery"], task.options["distractors"]
    gallery, probes = split(pictures.people, enrolled, distractors, statistics["seed"])
    found = search(pictures.embeddings, pictures.rows, pictures.people, probes, gallery)
    outcomes = search_outcomes(pictures, probes, found)
    outcomes["precision"] = found.precision
    outcomes["correct"] = found.rank <= 1
    used = np.union1d(gallery, probes)
    numbers = task.numbers(
        "identify",
        identities=outcomes["identity"].nunique(),
        images=len(used),
        failed=int(pictures.failed[used].sum()),
    )
    most = counted(enrolled, "picture", "pictures")
    nobody = f"Nobody has more than {most}, so nobody can be searched for."
    add_ranks(numbers, outcomes, task.options["ranks"], statistics, nobody)
    parameters = {
        "gallery": enrolled,
        "gallery_images": len(gallery),
        "distractors": distractors,
        "statistics": dict(statistics),
        "compared": {"metric": "rank", "at": "1"},
    }
    return Result(numbers, outcomes, parameters, pictures.record)
