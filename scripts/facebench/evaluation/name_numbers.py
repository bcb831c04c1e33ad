"""The numbers of naming, among some candidates of one pool of wrong names."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facebench.evaluation.results import Numbers, text
from facebench.protocols.name import expected_rank, median_draws, within
from facebench.stats.intervals import percentiles
from facebench.stats.person_rates import rates_by_person

TOP = (1, 5)


def add_numbers(
    ranks: np.ndarray,
    numbers: Numbers,
    people: np.ndarray,
    size: int | str,
    pool: str,
    names: int,
    statistics: Mapping[str, Any],
) -> None:
    """Add how often the true name is among the first of `size` candidates, its median place, and
    what chance would give.

    ranks: of the true name among all `names`, float64 (n,); people: (n,), whose pictures they are;
    pool: "read", or "" for invented names, is the second word of `at`.
    """
    at, n = place_of(size, pool), count(size, names)
    if sentence := too_few(n, names, len(ranks), pool):
        for metric in [*(f"top{k}" for k in TOP), "median_rank"]:
            numbers.refuse(metric, sentence, at=at)
        return
    inside = np.stack([within(ranks, k, n, names) for k in TOP], axis=1)
    shares = rates_by_person(inside, people, statistics["confidence"])
    for k, (share, interval, largest) in zip(TOP, shares, strict=True):
        numbers.add(f"top{k}", share, interval, at=at, largest=largest)
        numbers.add(f"top{k}_chance", min(k / n, 1), at=at)
    places = expected_rank(ranks, n, names)
    codes, person = np.unique(people, return_inverse=True)
    draws = median_draws(places, person, len(codes), statistics["draws"], statistics["seed"])
    interval = percentiles(draws, statistics["confidence"])
    numbers.add("median_rank", float(np.median(places)), interval, at=at)
    numbers.add("median_rank_chance", (n + 1) / 2, at=at)


def add_prior(
    ranks: np.ndarray,
    numbers: Numbers,
    people: np.ndarray,
    size: int | str,
    pool: str,
    names: int,
    statistics: Mapping[str, Any],
) -> None:
    """Add how often the true name comes first in the order for all other people's pictures.

    This is what the model says without looking at the person: a control for names that it prefers.
    """
    n = count(size, names)
    if not too_few(n, names, len(ranks), pool):
        first = within(ranks, 1, n, names)[:, None]
        ((share, interval, _),) = rates_by_person(first, people, statistics["confidence"])
        numbers.add("top1_prior", share, interval, at=place_of(size, pool))


def add_templates(
    ranks: np.ndarray,
    templates: Sequence[str],
    numbers: Numbers,
    people: np.ndarray,
    size: int | str,
    pool: str,
    names: int,
    statistics: Mapping[str, Any],
) -> None:
    """Add how often each template alone puts the true name first; `ranks` (n, templates)."""
    n = count(size, names)
    if too_few(n, names, len(ranks), pool):
        return
    first = np.stack([within(column, 1, n, names) for column in ranks.T], axis=1)
    shares = rates_by_person(first, people, statistics["confidence"])
    for template, (share, interval, _) in zip(templates, shares, strict=True):
        numbers.add("template_top1", share, interval, at=f"{place_of(size, pool)}/{template}")


def count(size: int | str, names: int) -> int:
    """Return how many candidates there are."""
    return names if size == "all" else int(size)


def place_of(size: int | str, pool: str) -> str:
    """Return a number of candidates, and their pool, as in the column `at`.

    >>> place_of(100, ""), place_of("all", "read")
    ('100', 'all read')
    """
    return f"{text(size)} {pool}".strip()


def too_few(candidates: int, names: int, pictures: int, pool: str = "") -> str | None:
    """Return why nothing can be named among `size` candidates, in a sentence, or None."""
    more = "give the model's key names_read a longer list" if pool else "raise name.distractors"
    if not pictures:
        return "No picture is of a person whose name is known."
    if names < 2:
        return f"There is only one name to choose from: {more}."
    if candidates > names:
        return f"There are only {names:,} names: {more} to have {candidates:,}."
    return None
