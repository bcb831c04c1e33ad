"""One entry that comes first for many people: hubs among pictures that are searched with."""

import numpy as np

from facebench.evaluation.hub_run import Newcomers, run
from facebench.evaluation.index_poison import index_of
from facebench.evaluation.task import Result, Task
from facebench.protocols.poison.split import split


def hubs(task: Task) -> Result:
    """Put hubs into the index and search it with pictures."""
    pictures, train, seed = task.pictures, task.options["train"], task.options["seed"]
    index = index_of(pictures, train, seed)
    probes = split(pictures.people, train, seed).probes
    labels = pictures.labels[["image_id", "identity"]].iloc[probes].reset_index(drop=True)
    usable = ~index.failed
    newcomers = Newcomers(index.probes[usable], index.people[usable])
    return run(task, "hubs", index, labels, newcomers, np.asarray(pictures.failed))
