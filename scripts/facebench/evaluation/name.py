"""Zero-shot naming: where the true name stands among many, by the model's own text tower."""

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.evaluation.name_numbers import Among, add_numbers, add_prior, add_templates
from facebench.evaluation.pictures import Pictures
from facebench.evaluation.task import Result, Task
from facebench.protocols.name import averaged, others_means
from facebench.protocols.ranks import Ranks, rank
from facebench.vectors.stored_names import read_names


def name(task: Task) -> Result:
    """Name every picture of a person with a name, among each pool of wrong names."""
    pictures, statistics, path = task.pictures, task.statistics, task.files["names"]
    candidates = task.options["candidates"]
    everything = read_names(path)
    named = np.flatnonzero(pictures.labels["name"].notna())
    people = pictures.people[named]
    numbers = task.numbers(
        "name",
        identities=len(np.unique(people)),
        images=len(named),
        failed=int(pictures.failed[named].sum()),
    )
    outcomes = pd.DataFrame(
        {
            "image_id": pictures.labels["image_id"].iloc[named],
            "identity": pictures.labels["identity"].iloc[named],
            "failed": pictures.failed[named],
        }
    )
    tried = ~pictures.failed[named]
    means = others_means(pictures.embeddings[pictures.rows[named[tried]]], people[tried])
    pools = dict(everything.choices())
    for pool, names in pools.items():
        truth = true_names(pictures, named, names.known, path)
        texts = averaged(names.texts)
        found = place(pictures, named, truth, texts)
        each = [place(pictures, named, truth, rows).rank for rows in names.texts]
        prior = rank(means, truth[tried], texts, np.arange(len(texts))).spread(tried)
        for size in [*candidates, "all"]:
            where = (numbers, people, Among(size, pool, len(names.known)), statistics)
            add_numbers(found.rank, *where)
            add_prior(prior.rank, *where)
            add_templates(np.stack(each, axis=1), names.templates, *where)
        columns = {
            "rank": found.rank,
            "mate_score": found.mate_score,
            "other_score": found.other_score,
            "other_name": pd.array(np.array([*names.known, None])[found.other], dtype="str"),
            "template_ranks": list(np.stack(each, axis=1).astype(np.float32)),
            "correct": found.rank <= 1,
        }
        # The last pool, of names that were read, is the harder one: it has the plain columns.
        for column, values in columns.items():
            if pool != next(reversed(pools)):
                column = f"{column}_among_invented"
            outcomes[column] = values
    parameters = {
        "candidates": list(candidates),
        "templates": everything.templates,
        "names": {pool or "invented": len(names.known) for pool, names in pools.items()},
        "statistics": dict(statistics),
        "compared": {"metric": "top1", "at": f"all {next(reversed(pools))}".strip()},
    }
    return Result(numbers, outcomes, parameters, {**everything.record, **pictures.record})


def true_names(pictures: Pictures, named: np.ndarray, known: np.ndarray, path: str) -> np.ndarray:
    """Return the place of each picture's true name in `known`: int64 (n,)."""
    truth = pd.Index(known).get_indexer(pictures.labels["name"].iloc[named])
    if (lost := (truth < 0) & ~pictures.failed[named]).any():
        who = pictures.labels["name"].iloc[named[lost][0]]
        raise UserError(f"{path} doesn't have the name {who!r}. Delete it and run again.")
    return truth


def place(pictures: Pictures, named: np.ndarray, truth: np.ndarray, texts: np.ndarray) -> Ranks:
    """Rank all names (names, d) for the pictures `named`, whose names are `truth`."""
    tried = ~pictures.failed[named]
    rows = pictures.rows[named[tried]]
    ranked = rank(pictures.embeddings[rows], truth[tried], texts, np.arange(len(texts)))
    return ranked.spread(tried)
