"""One picture that comes first for many names: hubs where an index is searched by words."""

import dataclasses

import numpy as np
import pandas as pd

from facebench.evaluation.hub_run import Newcomers, run
from facebench.evaluation.index_poison import index_of
from facebench.evaluation.pictures import Pictures
from facebench.evaluation.task import Result, Task
from facebench.protocols.hubs.groups import asked_names
from facebench.protocols.poison.index_search import Index
from facebench.protocols.poison.split import split
from facebench.vectors.stored_names import Names, people_of, read_names


def hubs_by_name(task: Task) -> Result:
    """Put hubs into the index and search it with people's names, as the model's text vectors.

    A name is searched for where somebody of that name is listed in the index.
    """
    pictures, train, seed = task.pictures, task.options["train"], task.options["seed"]
    names = read_names(task.files["names"])
    index, known, named = index_by_name(pictures, names, train, seed)
    parts = split(pictures.people, train, seed)
    new = parts.probes[(pictures.rows[parts.probes] >= 0) & (named[parts.probes] >= 0)]
    newcomers = Newcomers(pictures.embeddings[pictures.rows[new]], named[new])
    labels = pd.DataFrame({"identity": known[index.people].astype(str)})
    failed = np.asarray(pictures.failed)[parts.gallery]
    result = run(task, "hubs_by_name", index, labels, newcomers, failed)
    return dataclasses.replace(result, record={**names.record, **pictures.record})


def index_by_name(
    pictures: Pictures, names: Names, train: float, seed: int
) -> tuple[Index, pd.Index, np.ndarray]:
    """Return the index searched with names, all names, and the number of each picture's, int (n,).

    Who is on a picture is here a name: -1 for somebody without one.
    """
    texts, known = people_of(names)
    named = known.get_indexer(pd.Index(pictures.labels["name"]))
    gallery = split(pictures.people, train, seed).gallery
    asked = asked_names(pictures.people, named, train, seed)
    usable = gallery[pictures.rows[gallery] >= 0]
    index = dataclasses.replace(
        index_of(pictures, train, seed),
        names=named[usable],
        probes=texts[asked],
        people=asked,
        failed=np.zeros(len(asked), bool),
        listed=np.bincount(named[gallery] + 1, minlength=len(known) + 1),
    )
    return index, known, named
