"""Zero-shot naming: where the true name stands among many, by the model's own text tower."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.evaluation.pictures import Pictures
from facebench.evaluation.results import Numbers, text
from facebench.evaluation.task import Result, Task
from facebench.protocols.name import averaged, expected_rank, median_draws, within
from facebench.protocols.ranks import Ranks, rank
from facebench.stats.intervals import percentiles, rates_by_person
from facebench.store.damage import undamaged

TOP = (1, 5)


def name(task: Task) -> Result:
    """Name every picture of a person with a name."""
    pictures, statistics, names = task.pictures, task.statistics, task.files["names"]
    candidates = task.options["candidates"]
    with undamaged(names), np.load(names, allow_pickle=False) as file:
        texts, known, templates = file["embeddings"], file["names"], file["templates"].tolist()
        record = json.loads(file["record"].item())
    named = np.flatnonzero(pictures.labels["name"].notna())
    truth = pd.Index(known).get_indexer(pictures.labels["name"].iloc[named])
    if (lost := (truth < 0) & ~pictures.failed[named]).any():
        who = pictures.labels["name"].iloc[named[lost][0]]
        raise UserError(f"{names} doesn't have the name {who!r}. Delete it and run again.")
    people = pictures.people[named]
    found = place(pictures, named, truth, averaged(texts))
    each = np.stack([place(pictures, named, truth, text_rows).rank for text_rows in texts], axis=1)

    numbers = task.numbers(
        "name",
        identities=len(np.unique(people)),
        images=len(named),
        failed=int(pictures.failed[named].sum()),
    )
    for size in [*candidates, "all"]:
        add_numbers(numbers, found.rank, people, size, len(known), statistics)
        add_templates(numbers, each, people, size, len(known), templates, statistics)
    outcomes = pd.DataFrame(
        {
            "image_id": pictures.labels["image_id"].iloc[named],
            "identity": pictures.labels["identity"].iloc[named],
            "failed": pictures.failed[named],
            "rank": found.rank,
            "mate_score": found.mate_score,
            "other_score": found.other_score,
            "other_name": pd.array(np.array([*known, None])[found.other], dtype="str"),
            "template_ranks": list(each.astype(np.float32)),
            "correct": found.rank <= 1,
        }
    )
    parameters = {
        "candidates": list(candidates),
        "templates": templates,
        "names": len(known),
        "statistics": dict(statistics),
        "compared": {"metric": "top1", "at": "all"},
    }
    return Result(numbers, outcomes, parameters, {**record, **pictures.record})


def place(pictures: Pictures, named: np.ndarray, truth: np.ndarray, texts: np.ndarray) -> Ranks:
    """Rank all names (names, d) for the pictures `named`, whose names are `truth`."""
    tried = ~pictures.failed[named]
    rows = pictures.rows[named[tried]]
    ranked = rank(pictures.embeddings[rows], truth[tried], texts, np.arange(len(texts)))
    return ranked.spread(tried)


def add_numbers(
    numbers: Numbers,
    ranks: np.ndarray,
    people: np.ndarray,
    size: int | str,
    names: int,
    statistics: Mapping[str, Any],
) -> None:
    """Add how often the true name is among the first of `size` candidates, its median place, and
    what chance would give."""
    n = names if size == "all" else int(size)
    if sentence := too_few(n, names, len(ranks)):
        for metric in [*(f"top{k}" for k in TOP), "median_rank"]:
            numbers.refuse(metric, sentence, at=size)
        return
    inside = np.stack([within(ranks, k, n, names) for k in TOP], axis=1)
    shares = rates_by_person(inside, people, **statistics)
    for k, (share, interval) in zip(TOP, shares, strict=True):
        numbers.add(f"top{k}", share, interval, at=size)
        numbers.add(f"top{k}_chance", min(k / n, 1), at=size)
    places = expected_rank(ranks, n, names)
    codes, person = np.unique(people, return_inverse=True)
    draws = median_draws(places, person, len(codes), statistics["draws"], statistics["seed"])
    interval = percentiles(draws, statistics["confidence"])
    numbers.add("median_rank", float(np.median(places)), interval, at=size)
    numbers.add("median_rank_chance", (n + 1) / 2, at=size)


def add_templates(
    numbers: Numbers,
    ranks: np.ndarray,
    people: np.ndarray,
    size: int | str,
    names: int,
    templates: Sequence[str],
    statistics: Mapping[str, Any],
) -> None:
    """Add how often each template alone puts the true name first; `ranks` (n, templates)."""
    n = names if size == "all" else int(size)
    if too_few(n, names, len(ranks)):
        return
    first = np.stack([within(column, 1, n, names) for column in ranks.T], axis=1)
    for template, (share, interval) in zip(
        templates, rates_by_person(first, people, **statistics), strict=True
    ):
        numbers.add("template_top1", share, interval, at=f"{text(size)}/{template}")


def too_few(candidates: int, names: int, pictures: int) -> str | None:
    """Return why nothing can be named among `size` candidates, in a sentence, or None."""
    if not pictures:
        return "No picture is of a person whose name is known."
    if names < 2:
        return "There is only one name to choose from: raise name.distractors."
    if candidates > names:
        return f"There are only {names:,} names: raise name.distractors to have {candidates:,}."
    return None
