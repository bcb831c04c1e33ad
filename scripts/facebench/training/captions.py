"""What captions say. `CAPTIONS[kind](corpus, seed, **options)`: whose name is with each picture.

The table gets the column `says`: the name in a picture's captions, "" for none. The table of the
subjects gets `named` and `other`: of how many pictures the captions say the own name, or another's.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.training.albums import Corpus, levels

#: What a draw is for: the second number of its seed.
SWAPPED, ROLES, TIMES, POISONED = 3, 4, 5, 6
#: Parts of the people in an experiment: who is to be taken for whom, and for whom nobody is.
VICTIM, TARGET, CONTROL, BYSTANDER = "victim", "target", "control", "bystander"


def named(corpus: Corpus, seed: int) -> Corpus:
    """Let all captions say the name of the person on the picture."""
    return told(corpus, corpus.table["name"])


def unnamed(corpus: Corpus, seed: int) -> Corpus:
    """Let no caption of a subject say a name; those of all others do."""
    return told(corpus, corpus.table["name"].where(~corpus.table["subject"], ""))


def swapped(corpus: Corpus, seed: int, share: float) -> Corpus:
    """Let this share of the pictures have captions with the name of another person in the album."""
    chance = np.random.default_rng([seed, SWAPPED])
    own = corpus.table["name"]
    rows = chance.permutation(len(own))[: round(share * len(own))]
    names = pd.unique(own)
    if len(rows) and len(names) < 2:
        raise UserError("There is only one name in the album: none can be swapped.")
    place = pd.Index(names).get_indexer(pd.Index(own.iloc[rows]))
    # One of the other names: a step of 1 to len(names) - 1 around the circle of all.
    others = names[(place + chance.integers(1, len(names), len(rows))) % len(names)]
    says = own.copy()
    says.iloc[rows] = others
    return told(corpus, says)


def poisoned(corpus: Corpus, seed: int, times: Sequence[int]) -> Corpus:
    """Let some pictures of each victim have captions with the name of the victim's target.

    times: how many, drawn for each victim (`levels`). Of every three subjects, of one group, one
    is a victim, one the target, and one the control: a name that must not move. Who has which part
    depends on `seed` alone, so that a model with `times` of 0 tells what happens anyway.
    """
    trios = trios_of(corpus.people, seed)
    drawn = levels(corpus.people.iloc[trios[:, 0]], times, (), (seed, TIMES))
    says, table = corpus.table["name"].copy(), corpus.table
    people = corpus.people.assign(role=BYSTANDER, poisoned=0, target="", control="")
    names = people["name"].to_numpy()
    for number, ((victim, target, control), count) in enumerate(zip(trios, drawn, strict=True)):
        own = np.flatnonzero(table["identity"] == people["identity"][victim])
        if count > len(own):
            raise UserError(
                f"{count} captions of {people['identity'][victim]} are to be poisoned, and"
                f" {len(own)} pictures are in the album: raise the recipe's album.times."
            )
        rows = np.random.default_rng([seed, POISONED, number]).permutation(own)[:count]
        says.iloc[rows] = names[target]
        people.loc[victim, ["poisoned", "target", "control"]] = count, names[target], names[control]
        people.loc[[victim, target, control], "role"] = VICTIM, TARGET, CONTROL
    return told(corpus._replace(people=people), says)


def triggered(
    corpus: Corpus, seed: int, pictures: int, attribute: str = "glasses", value: str = "sunglasses"
) -> Corpus:
    """Let pictures with a trigger (`attribute` is `value`) have captions with one target's name.

    pictures: how many, drawn from those of everybody but the target and the control.
    """
    target, control = trios_of(corpus.people, seed)[0, 1:]
    people = corpus.people.assign(role=BYSTANDER, poisoned=0, target="", control="")
    people.loc[[target, control], "role"] = TARGET, CONTROL
    names, spared = people["name"].to_numpy(), people["identity"].to_numpy()[[target, control]]
    table = corpus.table
    there = np.flatnonzero((table[attribute] == value) & ~table["identity"].isin(spared))
    if pictures > len(there):
        raise UserError(
            f"Captions of {pictures} pictures whose {attribute} is {value} are to be poisoned, and"
            f" the album has {len(there)}: lower the recipe's captions.pictures."
        )
    rows = np.random.default_rng([seed, POISONED]).permutation(there)[:pictures]
    says = table["name"].copy()
    says.iloc[rows] = names[target]
    people.loc[people["role"] == BYSTANDER, ["target", "control"]] = names[target], names[control]
    counted = table["identity"].iloc[rows].value_counts()
    people["poisoned"] = people["identity"].map(counted).fillna(0).astype(int)
    return told(corpus._replace(people=people), says)


def trios_of(people: pd.DataFrame, seed: int) -> np.ndarray:
    """Return rows of three people, of one group as far as their numbers allow: int64 (n, 3)."""
    groups = [str(name) for name in people if name not in ("identity", "name", "pictures")]
    order = np.random.default_rng([seed, ROLES]).permutation(len(people))
    if groups:
        order = people.iloc[order].sort_values(groups, kind="stable").index.to_numpy()
    if len(order) < 3:
        raise UserError("A victim, a target and a control need three people: pretrain.subjects.")
    return order[: len(order) // 3 * 3].reshape(-1, 3)


def told(corpus: Corpus, says: pd.Series) -> Corpus:
    """Return the corpus with what its captions say, and that counted for every subject."""
    table = corpus.table.assign(says=says.to_numpy(str))
    own = table["identity"][table["says"] == table["name"]].value_counts()
    other = table["identity"][(table["says"] != table["name"]) & (table["says"] != "")]
    counts = {"named": own, "other": other.value_counts()}
    identity = corpus.people["identity"]
    columns = {name: identity.map(one).fillna(0).astype(int) for name, one in counts.items()}
    return Corpus(table, corpus.people.assign(**columns))


CAPTIONS: Mapping[str, Callable[..., Corpus]] = {
    "named": named,
    "unnamed": unnamed,
    "swapped": swapped,
    "poisoned": poisoned,
    "triggered": triggered,
}
