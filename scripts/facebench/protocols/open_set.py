"""Open-set identification: half of the people are enrolled, and strangers should find nobody."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.identify import enrolments
from facebench.protocols.ranks import Rows, search
from facebench.protocols.thresholds import Curve, Points
from facebench.stats.intervals import identity_draws


class Searches(NamedTuple):
    """n searches: in each halving of the people, in the galleries of its two halves."""

    #: Which picture is searched, in which halving, and in which half's gallery (0 or 1): int64 (n,)
    picture: np.ndarray
    halving: np.ndarray
    half: np.ndarray
    #: Is its person enrolled there: bool (n,)
    mated: np.ndarray
    #: As in `Ranks`.
    rank: np.ndarray
    mate_score: np.ndarray
    other_score: np.ndarray
    other: np.ndarray


class OpenSet(NamedTuple):
    """The errors at each FPIR, over all halvings."""

    #: Share of the mated searches of all galleries that miss, at each FPIR: float64 (rates,)
    fnir: np.ndarray
    #: The threshold of each gallery: float64 (halvings, 2, rates)
    thresholds: np.ndarray
    #: Did a mated search succeed: bool (n, rates), False for the others.
    found: np.ndarray
    #: Share of non-mated searches that find somebody, by gallery: float64 (halvings, 2, rates)
    fpir: np.ndarray
    #: `fnir` in every draw over people, thresholds recomputed: float64 (draws, rates)
    draws: np.ndarray


def halves(
    people: np.ndarray, n_people: int, seed: int | list[int], enrolled: int = 1
) -> np.ndarray:
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
    halvings: int = 1,
) -> Searches:
    """Search every picture in both galleries of each halving, but for those enrolled there.

    Arguments as for `facebench.protocols.ranks.search`; `enrolled` pictures of each person of a
    half make its gallery, chosen as in `facebench.protocols.identify.enrolments`.
    """
    parts = []
    for number, chosen in enumerate(enrolments(people, enrolled, halvings, seed)):
        half = halves(people, n_people, [seed, number] if number else seed, enrolled)[people]
        for side in (0, 1):
            enrolled_here = (half == side) & chosen
            probes = np.flatnonzero(~enrolled_here)
            found = search(embeddings, rows, people, probes, np.flatnonzero(enrolled_here))
            where = (np.full(len(probes), number), np.full(len(probes), side))
            parts.append((probes, *where, half[probes] == side, *found[:4]))
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
    """Return FNIR at the FPIRs `rates`, each gallery's threshold from its searches without mate.

    people: int (pictures,). A mated search succeeds if a picture of the person is among the first
    `most_rank` and scores at least the threshold; one that failed has no score and misses, and a
    non-mated one that failed finds nobody. Both stay in the denominators.

    >>> done = Searches(
    ...     np.arange(6), np.zeros(6, int), np.zeros(6, int), np.arange(6) < 2,
    ...     np.array([1.0, 1, np.inf, np.inf, np.inf, np.inf]),
    ...     np.array([0.9, 0.5] + [-np.inf] * 4), np.array([0.1, 0.2, 0.8, 0.4, 0.3, -np.inf]),
    ...     np.full(6, -1),
    ... )
    >>> found = open_set(done, np.arange(6), 6, np.array([0.25, 0.5]), 1, draws=2, seed=0)
    >>> found.fnir, found.thresholds[0, 0].round(6)
    (array([0.5, 0. ]), array([0.8, 0.4]))
    """
    person = people[done.picture]
    halvings = int(done.halving.max(initial=0)) + 1
    thresholds = np.full((halvings, 2, len(rates)), np.nan)
    fpir = np.full_like(thresholds, np.nan)
    found = np.zeros((len(person), len(rates)), bool)
    accepted = np.zeros((draws, len(rates)))
    attempted = np.zeros((draws, 1))
    everybody = np.ones((1, n_people))
    for number in range(halvings):
        for side in (0, 1):
            here = (done.halving == number) & (done.half == side)
            gallery = _Gallery(done, here, person, n_people, most_rank)
            points = gallery.at(rates, everybody)
            thresholds[number, side] = points.threshold[0]
            if gallery.alone.sum():
                fpir[number, side] = points.wrong[0] / gallery.alone.sum()
            passed = done.mate_score[gallery.right, None] >= points.threshold
            found[gallery.right] |= passed
            start = 0
            for weights in identity_draws(n_people, draws, seed):
                block = slice(start, start + len(weights))
                accepted[block] += gallery.at(rates, weights).right[..., 0]
                attempted[block, 0] += weights @ gallery.mated
                start = block.stop
    with np.errstate(invalid="ignore", divide="ignore"):
        fnir = 1 - found.sum(axis=0) / done.mated.sum()
        return OpenSet(fnir, thresholds, found, fpir, 1 - accepted / attempted)


class _Gallery:
    """The searches in one gallery, evaluated with any weights of people."""

    def __init__(
        self,
        done: Searches,
        here: np.ndarray,
        person: np.ndarray,
        n_people: int,
        most_rank: int,
    ) -> None:
        #: The mated searches that find their mate, if it passes the threshold: bool (n,)
        self.right = here & done.mated & (done.rank <= most_rank)
        wrong = here & ~done.mated & np.isfinite(done.other_score)
        self._curve = Curve(done.mate_score[self.right], done.other_score[wrong])
        self._who = person[self.right][self._curve.right_order]
        self._whom = person[wrong][self._curve.wrong_order]
        #: Each person's searches with and without a mate: int64 (people,)
        self.mated = np.bincount(person[here & done.mated], minlength=n_people)
        self.alone = np.bincount(person[here & ~done.mated], minlength=n_people)

    def at(self, rates: np.ndarray, weights: np.ndarray) -> Points:
        """Return the points at the FPIRs `rates` with these weights of people (draws, people)."""
        who, whom = weights[:, self._who], weights[:, self._whom]
        return self._curve.at(rates, weights @ self.alone, who, whom)
