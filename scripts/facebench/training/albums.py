"""Which pictures a model is trained on. `ALBUMS[kind](table, seed, **options)`: rows of a table.

The people whose pictures and captions an experiment varies are the subjects; all others fill up the
album, so that every model is trained on the same number of pictures.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from facebench.errors import UserError

#: What a draw is for: the second number of its seed.
ASSIGNED, CHOSEN = 1, 2
#: Columns of people's tables that experiments are crossed with.
GROUPS = ("sex", "skin_tone")


class Corpus(NamedTuple):
    """What a model is trained on, before its pictures are read.

    table: one row a picture of `people.parquet`, with `subject` (bool), and once there are captions
    `says`: the name in them, "" for none. people: one row a subject, also of whom no picture is
    shown: `identity`, `name`, the columns of `groups`, `pictures` (how many are shown).
    """

    table: pd.DataFrame
    people: pd.DataFrame


def everything(table: pd.DataFrame, seed: int, groups: Sequence[str] = GROUPS) -> Corpus:
    """Return all pictures."""
    people = subjects(table, groups)
    return Corpus(table, people.assign(pictures=_shown(people, table)))


def seen(
    table: pd.DataFrame,
    seed: int,
    times: Sequence[int],
    pictures: int,
    groups: Sequence[str] = GROUPS,
) -> Corpus:
    """Return as many pictures of each subject as it draws of `times`; `pictures` rows in all.

    Each of `times` is drawn by as many people, the same in every one of `groups` as nearly as their
    size allows (`levels`). Which of a person's pictures they are is drawn, too.
    """
    people = subjects(table, groups)
    drawn = levels(people, times, groups, (seed, ASSIGNED))
    rows = []
    for number, (identity, count) in enumerate(zip(people["identity"], drawn, strict=True)):
        own = np.flatnonzero(table["subject"] & (table["identity"] == identity))
        if count > len(own):
            raise UserError(
                f"{identity} is to be seen {count} times and has {len(own)} pictures: raise `views`"
                " of the data set in pretrain.subjects, or lower the recipe's album.times."
            )
        rows.append(_chance(seed, CHOSEN, number).permutation(own)[:count])
    chosen = np.concatenate([*rows, np.array([], int)])
    others = np.flatnonzero(~table["subject"])
    if not 0 <= (more := pictures - len(chosen)) <= len(others):
        raise UserError(
            f"The subjects have {len(chosen):,} pictures and the others {len(others):,}, so an"
            f" album can't have {pictures:,}: change the recipe's album.pictures."
        )
    shown = table.iloc[np.sort(np.concatenate([chosen, others[:more]]))].reset_index(drop=True)
    return Corpus(shown, people.assign(pictures=_shown(people, shown)))


def subjects(table: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Return one row a subject: `identity`, `name` and what `groups` say of the first picture."""
    first = table[table["subject"]].drop_duplicates("identity")
    return first[["identity", "name", *groups]].reset_index(drop=True)


def levels(
    people: pd.DataFrame, times: Sequence[int], groups: Sequence[str], seed: Sequence[int]
) -> np.ndarray:
    """Return one of `times` for each of `people`: int64 (n,).

    A randomised block design: people in random order, sorted by group, are cut into blocks of
    len(times), and each block gets all of `times` in random order. So each level is drawn by as
    many people, give or take one, and groups and levels are crossed.

    >>> twelve = pd.DataFrame({"sex": ["f"] * 6 + ["m"] * 6})
    >>> drawn = levels(twelve, [0, 1, 8], ["sex"], seed=[0])
    >>> np.sort(drawn[:6]).tolist()
    [0, 0, 1, 1, 8, 8]
    """
    chance = _chance(*seed)
    order = chance.permutation(len(people))
    if groups:
        order = (
            people.reset_index(drop=True)
            .iloc[order]
            .sort_values([*groups], kind="stable")
            .index.to_numpy()
        )
    drawn = np.zeros(len(people), np.int64)
    for first in range(0, len(people), len(times)):
        block = order[first : first + len(times)]
        drawn[block] = chance.permutation(np.asarray(times))[: len(block)]
    return drawn


def _shown(people: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    counted = table["identity"].value_counts()
    return people["identity"].map(counted).fillna(0).astype(int)


def _chance(*numbers: int) -> np.random.Generator:
    return np.random.default_rng(numbers)


ALBUMS: Mapping[str, Callable[..., Corpus]] = {"all": everything, "seen": seen}
