"""One picture that comes first for many names: hubs where an index is searched by words."""

import dataclasses

import numpy as np
import pandas as pd

from facebench.evaluation.hub_run import Newcomers, run
from facebench.evaluation.index_poison import index_of
from facebench.evaluation.name import read_names
from facebench.evaluation.task import Result, Task
from facebench.protocols.name import averaged
from facebench.protocols.poison.split import split


def hubs_by_name(task: Task) -> Result:
    """Put hubs into the index and search it with people's names, as the model's text vectors.

    A name is searched for where somebody of that name is listed in the index.
    """
    pictures, train, seed = task.pictures, task.options["train"], task.options["seed"]
    names = read_names(task.files["names"])
    chosen = names.pool == "people"
    texts, known = averaged(names.texts)[chosen].astype(np.float32), pd.Index(names.known[chosen])
    # Who is on a picture is here a name: -1 for somebody without one.
    named = known.get_indexer(pictures.labels["name"])
    parts = split(pictures.people, train, seed)
    enrolled = named[parts.gallery]
    asked = np.unique(enrolled[enrolled >= 0])
    usable = parts.gallery[pictures.rows[parts.gallery] >= 0]
    index = dataclasses.replace(
        index_of(pictures, train, seed),
        names=named[usable],
        probes=texts[asked],
        people=asked,
        failed=np.zeros(len(asked), bool),
        listed=np.bincount(enrolled + 1, minlength=len(known) + 1),
    )
    new = parts.probes[(pictures.rows[parts.probes] >= 0) & (named[parts.probes] >= 0)]
    newcomers = Newcomers(pictures.embeddings[pictures.rows[new]], named[new])
    labels = pd.DataFrame({"identity": known[asked].astype(str)})
    failed = np.asarray(pictures.failed)[parts.gallery]
    result = run(task, "hubs_by_name", index, labels, newcomers, failed)
    return dataclasses.replace(result, record={**names.record, **pictures.record})
