"""Index poisoning on clean vectors: the effect of m entries beside a victim's own on searches."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.index_numbers import Others, add_numbers
from facebench.evaluation.pictures import Pictures
from facebench.evaluation.task import Result, Task
from facebench.logs import Progress
from facebench.protocols.poison import index_attack
from facebench.protocols.poison.index_search import Index, Poisoned, best, spread, untouched
from facebench.protocols.poison.split import split

NOBODY = "Nobody has two pictures, one to enrol and one to search with."


def index_poison(task: Task) -> Result:
    """Poison the index of every victim in turn. The options are the section `poison`."""
    pictures, statistics = task.pictures, task.statistics
    train, seed, options = (task.options[key] for key in ("train", "seed", "index"))
    index = index_of(pictures, train, seed)
    victims = victims_of(index, options["victims"], seed)
    size = int(index.listed.sum())
    numbers = task.numbers(
        "index_poison",
        identities=len(victims),
        images=size + len(index.people),
        failed=int(pictures.failed.sum()),
    )
    rows, others = attack_all(index, victims, options, seed)
    outcomes = pd.DataFrame(rows)
    if outcomes.empty:
        numbers.refuse("rank1", NOBODY, at=1)
    else:
        outcomes.insert(0, "identity", pictures.identities[outcomes.pop("person")].astype(str))
        add_numbers(numbers, outcomes, others, size, options, statistics)
    parameters = {
        "train": train,
        "seed": seed,
        "options": dict(options),
        "entries": size,
        "statistics": dict(statistics),
    }
    return Result(numbers, outcomes, parameters, pictures.record)


def index_of(pictures: Pictures, train: float, seed: int) -> Index:
    """Return the index and the searches of a data set, drawn before failures are known."""
    parts = split(pictures.people, train, seed)
    gallery, probes = parts.gallery, parts.probes
    usable = gallery[pictures.rows[gallery] >= 0]
    tried = pictures.rows[probes] >= 0
    asked = pictures.embeddings[pictures.rows[probes[tried]]]
    vectors = np.zeros((len(probes), asked.shape[1]), np.float32)
    vectors[tried] = asked
    return Index(
        entries=pictures.embeddings[pictures.rows[usable]],
        names=pictures.people[usable],
        probes=vectors,
        people=pictures.people[probes],
        failed=~tried,
        listed=np.bincount(pictures.people[gallery], minlength=len(pictures.identities)),
    )


def victims_of(index: Index, most: int, seed: int) -> np.ndarray:
    """Return whose entries are poisoned, ascending: at most so many of those who are searched for.

    Drawn from all who have a picture in the list for the index and another to search with, so the
    victims of all models and crops are the same.
    """
    able = np.intersect1d(index.people, np.flatnonzero(index.listed))
    return np.sort(np.random.default_rng(seed).permutation(able)[:most])


def attack_all(
    index: Index, victims: np.ndarray, options: Mapping[str, Any], seed: int
) -> tuple[list[dict[str, Any]], Mapping[tuple[str, int], Others]]:
    """Return one row a victim, kind and number of entries, and the searches for everybody else.

    0 entries is the index as it was. The second is by kind and number of entries.
    """
    rows: list[dict[str, Any]] = []
    others: dict[tuple[str, int], Others] = {}
    if np.count_nonzero(index.listed) < 2:
        return rows, others
    top = best(index)
    options = {**options, "noise": options["noise"] * spread(index)}
    progress = Progress(len(victims), "victims")
    for victim in victims.tolist():
        for kind in options["kinds"]:
            attack = attack_of(kind, index, victim, options, seed, top)
            for many in [0, *sorted(options["entries"])]:
                if (found := attack(many)) is None:
                    continue
                theirs = others.setdefault((kind, many), Others(len(index.listed)))
                before, after, searches = theirs.add(index.people, victim, top[1], found.right)
                rows.append(
                    {
                        "person": victim,
                        "kind": kind,
                        "entries": many,
                        "searches": len(found.mate),
                        "poison_rank": found.poison.tolist(),
                        "mate_rank": found.mate.tolist(),
                        "others_right": after,
                        "others_right_clean": before,
                        "others": searches,
                    }
                )
        progress.step()
    return rows, others


def attack_of(
    kind: str,
    index: Index,
    victim: int,
    options: Mapping[str, Any],
    seed: int,
    top: tuple[np.ndarray, np.ndarray],
) -> Callable[[int], Poisoned | None]:
    """Return a function from the number of entries to their effect; None where there are fewer.

    Beside a victim of whom no picture could be enrolled, nothing can be put.
    """
    if not (index.names == victim).any():
        return lambda many: (
            untouched(index, victim, top)
            if many <= index_attack.most(kind, index, victim)
            else None
        )
    if kind == "swapped":
        return lambda many: index_attack.swapped(index, victim, many, top)
    most, sources = max(options["entries"]), None
    if kind == "inserted":
        vectors = index_attack.inserted(index, victim, most, options["noise"], seed)
    else:
        sources = index_attack.lookalikes(index, victim, most)
        vectors = index.probes[sources]

    def attack(many: int) -> Poisoned | None:
        if many > len(vectors):
            return None
        some = None if sources is None else sources[:many]
        return index_attack.with_entries(index, victim, vectors[:many], some, top)

    return attack
