"""The numbers of naming, among some candidates of one pool of wrong names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facebench.evaluation.results import Numbers, text
from facebench.protocols.name import expected_rank, median_draws, within
from facebench.stats.intervals import percentiles
from facebench.stats.person_rates import rates_by_person

TOP = (1, 5)


@dataclass(frozen=True)
class Among:
    """What a name is chosen from."""

    #: How many candidates, or "all".
    size: int | str
    #: The pool of wrong names: "read", or "" for invented ones.
    pool: str
    #: How many names the pool has, the true ones among them.
    names: int

    @property
    def count(self) -> int:
        """How many candidates there are."""
        return self.names if self.size == "all" else int(self.size)

    @property
    def at(self) -> str:
        """The candidates and their pool, as in the column `at`.

        >>> Among(100, "", 1000).at, Among("all", "read", 1000).at
        ('100', 'all read')
        """
        return f"{text(self.size)} {self.pool}".strip()

    def too_few(self, pictures: int) -> str | None:
        """Return why no picture can be named, in a sentence, or None."""
        more = (
            "give the model's key names_read a longer list"
            if self.pool
            else "raise name.distractors"
        )
        if not pictures:
            return "No picture is of a person whose name is known."
        if self.names < 2:
            return f"There is only one name to choose from: {more}."
        if self.count > self.names:
            return f"There are only {self.names:,} names: {more} to have {self.count:,}."
        return None


def add_numbers(
    ranks: np.ndarray,
    numbers: Numbers,
    people: np.ndarray,
    among: Among,
    statistics: Mapping[str, Any],
) -> None:
    """Add how often the true name is among the first of `size` candidates, its median place, and
    what chance would give.

    ranks: of the true name among all names of the pool, float64 (n,); people: (n,), whose pictures
    they are.
    """
    at, n, names = among.at, among.count, among.names
    if sentence := among.too_few(len(ranks)):
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
    among: Among,
    statistics: Mapping[str, Any],
) -> None:
    """Add how often the true name comes first in the order for all other people's pictures.

    This is what the model says without looking at the person: a control for names that it prefers.
    """
    if not among.too_few(len(ranks)):
        first = within(ranks, 1, among.count, among.names)[:, None]
        ((share, interval, _),) = rates_by_person(first, people, statistics["confidence"])
        numbers.add("top1_prior", share, interval, at=among.at)


def add_templates(
    ranks: np.ndarray,
    templates: Sequence[str],
    numbers: Numbers,
    people: np.ndarray,
    among: Among,
    statistics: Mapping[str, Any],
) -> None:
    """Add how often each template alone puts the true name first; `ranks` (n, templates)."""
    if among.too_few(len(ranks)):
        return
    first = np.stack([within(each, 1, among.count, among.names) for each in ranks.T], axis=1)
    shares = rates_by_person(first, people, statistics["confidence"])
    for template, (share, interval, _) in zip(templates, shares, strict=True):
        numbers.add("template_top1", share, interval, at=f"{among.at}/{template}")
