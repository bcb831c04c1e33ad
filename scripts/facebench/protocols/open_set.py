"""Open-set identification: half of the people are enrolled, and strangers should find nobody."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.identify import shuffled_place
from facebench.protocols.ranks import Rows, search
from facebench.protocols.thresholds import Curve
from facebench.stats.intervals import identity_draws


class Searches(NamedTuple):
    """n searches in the two galleries, each of one enrolled half of the people."""

    #: Which picture is searched, in which half's gallery (0 or 1): int64 (n,) each.
    picture: np.ndarray
    half: np.ndarray
    #: Is its person enrolled there: bool (n,)
    mated: np.ndarray
    #: As in `Ranks`.
    rank: np.ndarray
    mate_score: np.ndarray
    other_score: np.ndarray
    other: np.ndarray


class OpenSet(NamedTuple):
    """The errors at each FPIR."""

    #: Share of the mated searches of both halves that miss, at each FPIR: float64 (rates,)
    fnir: np.ndarray
    #: Clean thresholds, used for attacks too: float64 (2, rates)
    thresholds: np.ndarray
    #: Did a mated search succeed: bool (n, rates), False for the others.
    found: np.ndarray
    #: Share of non-mated searches that find somebody, by half: float64 (2, rates)
    fpir: np.ndarray
    #: `fnir` in every draw over people, thresholds recomputed: float64 (draws, rates)
    draws: np.ndarray


def halves(people: np.ndarray, n_people: int, seed: int, enrolled: int = 1) -> np.ndarray:
    """Return in which half each person is enrolled, 0 or 1: int (n_people,), at random.

    People with more than the `enrolled` pictures, who can be searched for, are divided separately,
    so that both galleries have equally many of them.

    >>> halves(np.array([0, 0, 1, 1, 2, 3]), 4, seed=0).sum().item()
    2
    """
    shuffle = np.random.default_rng(seed).random(n_people)
    several = np.bincount(people, minlength=n_people) > enrolled
    half = np.empty(n_people, np.int64)
    half[np.lexsort((shuffle, several))] = np.arange(n_people) % 2
    return half


def searches(
    embeddings: Rows,
    rows: np.ndarray,
    people: np.ndarray,
    n_people: int,
    enrolled: int,
    seed: int,
) -> Searches:
    """Search every picture in both galleries, but for those that are enrolled there.

    Arguments as for `facebench.protocols.ranks.search`; `enrolled` pictures of each person of a
    half make its gallery, chosen at random.
    """
    half = halves(people, n_people, seed, enrolled)[people]
    chosen = shuffled_place(people, seed) < enrolled
    parts = []
    for number in (0, 1):
        enrolled_here = (half == number) & chosen
        probes = np.flatnonzero(~enrolled_here)
        found = search(embeddings, rows, people, probes, np.flatnonzero(enrolled_here))
        mated = half[probes] == number
        where = np.full(len(probes), number)
        parts.append((probes, where, mated, *found[:4]))
    return Searches(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def open_set(
    done: Searches,
    people: np.ndarray,
    n_people: int,
    rates: np.ndarray,
    most_rank: int,
    draws: int,
    seed: int,
) -> OpenSet:
    """Return FNIR at the FPIRs `rates`, with each half's threshold from its searches without mate.

    people: int (pictures,). A mated search succeeds if a picture of the person is among the first
    `most_rank` and scores at least the threshold; one that failed has no score and misses, and a
    non-mated one that failed finds nobody. Both stay in the denominators.

    >>> done = Searches(
    ...     np.arange(6), np.zeros(6, int), np.array([True, True, False, False, False, False]),
    ...     np.array([1.0, 1, np.inf, np.inf, np.inf, np.inf]),
    ...     np.array([0.9, 0.5] + [-np.inf] * 4), np.array([0.1, 0.2, 0.8, 0.4, 0.3, -np.inf]),
    ...     np.full(6, -1),
    ... )
    >>> found = open_set(done, np.arange(6), 6, np.array([0.25, 0.5]), 1, draws=2, seed=0)
    >>> found.fnir, found.thresholds[0].round(6)
    (array([0.5, 0. ]), array([0.8, 0.4]))
    """
    person = people[done.picture]
    missing = np.zeros((2, len(rates)))
    thresholds, fpir = np.full_like(missing, np.nan), np.full_like(missing, np.nan)
    found = np.zeros((len(person), len(rates)), bool)
    samples = np.zeros((2, draws, 2, len(rates)))  # accepted and attempted, of each half
    for half in (0, 1):
        here = done.half == half
        mated, alone = here & done.mated, here & ~done.mated
        right = mated & (done.rank <= most_rank)
        wrong = alone & np.isfinite(done.other_score)
        curve = Curve(done.mate_score[right], done.other_score[wrong])
        who = person[right][curve.right_order]
        whom = person[wrong][curve.wrong_order]
        points = curve.at(rates, alone.sum(), np.ones(len(who)), np.ones(len(whom)))
        thresholds[half] = points.threshold
        if alone.any():
            fpir[half] = points.wrong / alone.sum()
        found[right] |= done.mate_score[right, None] >= points.threshold
        mated_of = np.bincount(person[mated], minlength=n_people)
        alone_of = np.bincount(person[alone], minlength=n_people)
        blocks = identity_draws(n_people, draws, seed)
        for i, weights in enumerate(row for block in blocks for row in block):
            points = curve.at(rates, weights @ alone_of, weights.take(who), weights.take(whom))
            samples[half, i] = points.right, np.full(len(rates), weights @ mated_of)
    accepted, attempted = samples.sum(axis=0).transpose(1, 0, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        fnir = 1 - found.sum(axis=0) / done.mated.sum()
        return OpenSet(fnir, thresholds, found, fpir, 1 - accepted / attempted)
