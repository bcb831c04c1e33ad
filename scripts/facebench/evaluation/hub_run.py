"""The part of `hubs` and `hubs_by_name` that is the same: from an index to a result."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facebench.evaluation.hub_experiment import Experiment
from facebench.evaluation.hub_numbers import Rates, add_all
from facebench.evaluation.task import Result, Task
from facebench.protocols.hubs.groups import groups
from facebench.protocols.poison.index_search import Index

FEW = "Hubs need three people with a picture in the index and another search."
EMPTY = "No picture that should be in the index could be used."


class Newcomers(NamedTuple):
    """Clean pictures that aren't in the index: float32 (m, d), and who they are: int64 (m,)."""

    vectors: np.ndarray
    people: np.ndarray


def run(
    task: Task,
    protocol: str,
    index: Index,
    labels: pd.DataFrame,
    newcomers: Newcomers,
    failed: np.ndarray,
) -> Result:
    """Return the numbers, and one row of outcomes for each search that is measured.

    labels: a row for each search of the index. failed: which of the pictures that take part, bool.
    """
    options, confidence = task.options, task.statistics["confidence"]
    parts = groups(index.people, options["attacker"], options["sentinels"], options["seed"])
    numbers = task.numbers(
        protocol,
        identities=0 if parts is None else len(parts.searched),
        images=len(failed),
        failed=int(failed.sum()),
    )
    size = int(index.listed.sum())
    parameters: dict[str, Any] = {
        "options": dict(options),
        "entries": size,
        "statistics": dict(task.statistics),
    }
    outcomes = labels.iloc[:0]
    if parts is None or not len(index.entries):
        numbers.refuse("one_entry", FEW if parts is None else EMPTY, at=1)
    else:
        experiment = Experiment(index, parts, options)
        mine = np.isin(index.people, parts.searched)
        rates = Rates(index.people[mine], index.failed[mine], confidence)
        new = ~np.isin(newcomers.people, parts.sentinels)
        clean = newcomers.vectors[new], newcomers.people[new]
        measured = add_all(numbers, experiment, rates, clean, size)
        outcomes = pd.concat([labels[mine].reset_index(drop=True), measured], axis=1)
        parameters["groups"] = {name: len(part) for name, part in parts._asdict().items()}
        parameters["strongest"] = experiment.strongest()
        parameters["gate_limit"] = experiment.guard.limit if experiment.guard else None
    return Result(numbers, outcomes, parameters, task.pictures.record)
