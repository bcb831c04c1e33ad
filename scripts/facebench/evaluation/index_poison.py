"""Index poisoning on clean vectors: the effect of m entries beside a victim's own on searches."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.pictures import Pictures
from facebench.evaluation.results import Numbers
from facebench.evaluation.task import Result, Task
from facebench.logs import Progress
from facebench.protocols.poison import index_attack
from facebench.protocols.poison.index_attack import Index, Poisoned
from facebench.protocols.poison.measures import mean_interval
from facebench.protocols.poison.split import split

NOBODY = "Nobody has two usable pictures, one to enrol and one to search with."
NO_POOL = "There are fewer such entries, so nobody could be poisoned with this number."


def index_poison(task: Task) -> Result:
    """Poison the index of every victim in turn. The options are the section `poison`."""
    pictures, statistics = task.pictures, task.statistics
    train, seed, options = (task.options[key] for key in ("train", "seed", "index"))
    index = index_of(pictures, train, seed)
    able = np.intersect1d(index.people, index.names)
    shuffled = np.random.default_rng(seed).permutation(able)
    victims = np.sort(shuffled[: options["victims"]])
    numbers = task.numbers(
        "index_poison",
        identities=len(victims),
        images=len(index.names) + len(index.people),
        failed=int(pictures.failed.sum()),
    )
    outcomes = pd.DataFrame(attack_all(index, victims, options, seed))
    if outcomes.empty:
        numbers.refuse("rank1", NOBODY, at=1)
    else:
        outcomes.insert(0, "identity", pictures.identities[outcomes.pop("person")].astype(str))
        add_numbers(numbers, outcomes, len(index.names), options, statistics)
    parameters = {
        "train": train,
        "seed": seed,
        "options": dict(options),
        "entries": len(index.names),
        "statistics": dict(statistics),
    }
    return Result(numbers, outcomes, parameters, pictures.record)


def index_of(pictures: Pictures, train: float, seed: int) -> Index:
    """Return the index and the searches of a data set, without the pictures that failed."""
    parts = split(pictures.people, train, seed)
    gallery = parts.gallery[pictures.rows[parts.gallery] >= 0]
    probes = parts.probes[pictures.rows[parts.probes] >= 0]
    return Index(
        pictures.embeddings[pictures.rows[gallery]],
        pictures.people[gallery],
        pictures.embeddings[pictures.rows[probes]],
        pictures.people[probes],
    )


def attack_all(
    index: Index, victims: np.ndarray, options: Mapping[str, Any], seed: int
) -> list[dict[str, Any]]:
    """Return one row a victim, kind and number of entries; 0 entries is the index as it was."""
    if not len(victims) or len(np.unique(index.names)) < 2:
        return []
    rows = []
    top = index_attack.best(index)
    options = {**options, "noise": options["noise"] * index_attack.spread(index)}
    progress = Progress(len(victims), "victims")
    for victim in victims.tolist():
        for kind in options["kinds"]:
            attack = attack_of(kind, index, victim, options, seed, top)
            for many in [0, *sorted(options["entries"])]:
                if (found := attack(many)) is not None:
                    rows.append(
                        {"person": victim, "kind": kind, "entries": many, **as_columns(found)}
                    )
        progress.step()
    return rows


def attack_of(
    kind: str,
    index: Index,
    victim: int,
    options: Mapping[str, Any],
    seed: int,
    top: tuple[np.ndarray, np.ndarray],
) -> Callable[[int], Poisoned | None]:
    """Return a function from the number of entries to their effect; None where there are fewer."""
    most = max(options["entries"])
    if kind == "swapped":
        return lambda many: index_attack.swapped(index, victim, many, top)
    sources = None
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


def as_columns(found: Poisoned) -> dict[str, Any]:
    """Return the results of a victim's searches as columns."""
    before, after, searches = found.others
    return {
        "searches": len(found.mate),
        "poison_rank": found.poison.tolist(),
        "mate_rank": found.mate.tolist(),
        "others_right": after,
        "others_right_clean": before,
        "others": searches,
    }


def add_numbers(
    numbers: Numbers,
    outcomes: pd.DataFrame,
    size: int,
    options: Mapping[str, Any],
    statistics: Mapping[str, Any],
) -> None:
    """Add the numbers of every kind and number of entries: means over the victims."""
    for kind in options["kinds"]:
        for many in [0, *sorted(options["entries"])]:
            part = outcomes[(outcomes.kind == kind) & (outcomes.entries == many)]
            share = many / (size + (0 if kind == "swapped" else many))
            cell = {"threat": f"index-{kind}", "fraction": share, "n_identities": len(part)}
            if part.empty:
                numbers.refuse("rank1", NO_POOL, at=many, **cell)
                continue
            rates = {("rank1", f"{many}"): shares(part["mate_rank"], 1)}
            if many:
                for k in options["top"]:
                    rates["poison_in_top", f"{many}/{k}"] = shares(part["poison_rank"], k)
            for (metric, at), values in rates.items():
                interval = mean_interval(values, statistics)
                numbers.add(metric, float(values.mean()), interval, at, **cell)
            places = np.concatenate(part["mate_rank"].tolist())
            numbers.add("median_rank", float(np.median(places)), at=many, **cell)
            right = part["others_right"].sum() / max(part["others"].sum(), 1)
            numbers.add("others_rank1", float(right), at=many, **cell)


def shares(places: pd.Series, k: int) -> np.ndarray:
    """Return the share of each victim's searches whose place is at most k: float64 (victims,)."""
    return np.array([np.mean(np.asarray(one) <= k) for one in places])
