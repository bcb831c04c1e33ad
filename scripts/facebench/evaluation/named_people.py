"""People with names, their pictures' vectors, and what is known of the names' membership."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.evaluation.pictures import Pictures, load
from facebench.evaluation.task import Task
from facebench.vectors.stored_names import Names, read_names


class NamedPeople(NamedTuple):
    """n people with a name each, and the usable ones of their pictures."""

    #: identity and name; pictures: how many each has here, usable or not.
    who: pd.DataFrame
    #: float32 (m, d), unit rows, and whose they are, places in `who`: int64 (m,)
    vectors: np.ndarray
    person: np.ndarray

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self.who)

    @property
    def names(self) -> np.ndarray:
        """Each one's name: object (n,)."""
        return self.who["name"].to_numpy(object)


def named_people(pictures: Pictures, most: int = 0, seed: int = 0) -> NamedPeople:
    """Return the people of a data set who have a name, with `most` random pictures of each.

    People with fewer pictures are left out; 0 takes everybody with all pictures. Pictures are drawn
    before it is known which of them could be used.
    """
    labels = pictures.labels[["identity", "name"]].assign(row=pictures.rows)
    labels = labels[labels["name"].notna()]
    if most:
        drawn = labels.iloc[np.random.default_rng(seed).permutation(len(labels))]
        drawn = drawn[drawn.groupby("identity").cumcount() < most]
        many = drawn["identity"].map(drawn["identity"].value_counts())
        labels = drawn[many == most].sort_index()
    who = labels.groupby("identity", as_index=False).agg(
        name=("name", "first"), pictures=("name", "size")
    )
    usable = labels[labels["row"] >= 0]
    person = pd.Index(who["identity"]).get_indexer(usable["identity"])
    return NamedPeople(who, pictures.embeddings[usable["row"].to_numpy()], person)


def never_read(task: Task, names: Names, most: int, seed: int) -> tuple[NamedPeople, Names]:
    """Return the people of the task's other data sets, and their names, first those of `names`.

    Left out is whose name is among `names`, and whose the model read all the same.
    """
    parts = []
    for dataset, files in task.strangers.items():
        theirs = read_names(task.strangers_names[dataset])
        if theirs.templates != names.templates:
            raise UserError(
                f"{task.strangers_names[dataset]} has other templates than {task.files['names']}."
                " Delete both and run again."
            )
        people = named_people(load(*files), most, seed)
        taken = [*names.known, *theirs.known[theirs.was_read]]
        kept = ~people.who["name"].isin(taken).to_numpy()
        people = of_some(people, kept)
        names = joined(names, theirs, people.names)
        parts.append(people)
    return together(parts, dim=names.texts.shape[2]), names


def joined(names: Names, others: Names, more: np.ndarray) -> Names:
    """Return `names` and those of `others` that `more` lists, as people's."""
    added = [name for name in dict.fromkeys(more) if name not in set(names.known)]
    place = pd.Index(others.known).get_indexer(pd.Index(added, dtype=object))
    return names._replace(
        texts=np.concatenate([names.texts, others.texts[:, place]], axis=1),
        known=np.concatenate([names.known, others.known[place]]),
        pool=np.concatenate([names.pool, np.full(len(place), "people")]),
        was_read=np.concatenate([names.was_read, others.was_read[place]]),
    )


def places_of(names: np.ndarray, known: np.ndarray, path: str) -> np.ndarray:
    """Return the place of each of `names` in `known`, the names in the file `path`: int64 (n,)."""
    places = pd.Index(known).get_indexer(pd.Index(names, dtype=object))
    if (places < 0).any():
        raise UserError(
            f"{path} doesn't have the name {names[places < 0][0]!r}. Delete it and run again."
        )
    return places


def of_some(people: NamedPeople, kept: np.ndarray) -> NamedPeople:
    """Return the people for whom `kept` (bool) is true, with their pictures."""
    place = np.cumsum(kept) - 1
    theirs = kept[people.person]
    return NamedPeople(
        people.who[kept].reset_index(drop=True),
        people.vectors[theirs],
        place[people.person[theirs]],
    )


def together(parts: list[NamedPeople], dim: int = 0) -> NamedPeople:
    """Return all people of several data sets, one after the other."""
    nobody = pd.DataFrame({"identity": [], "name": [], "pictures": np.zeros(0, np.int64)})
    before = np.cumsum([0, *(len(part) for part in parts)])[: len(parts)]
    person = [part.person + start for part, start in zip(parts, before, strict=True)]
    return NamedPeople(
        pd.concat([part.who for part in parts], ignore_index=True) if parts else nobody,
        np.concatenate([np.zeros((0, dim), np.float32), *(part.vectors for part in parts)]),
        np.concatenate([np.zeros(0, np.int64), *person]),
    )
