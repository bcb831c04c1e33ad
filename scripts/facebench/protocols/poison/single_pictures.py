"""Effects of a cloak on single pictures: on vectors, on looks, and whether it is detectable."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from facebench.protocols.poison.experiments import CLEAN
from facebench.protocols.poison.variants import Variants
from facebench.protocols.ranks import rank

#: Parts of the people that a detector is trained on, each scored by a detector without it.
FOLDS = 5


class Moved(NamedTuple):
    """k pictures that an attack was given and that can be compared with their originals."""

    #: Their numbers, and who they show: int64 (k,).
    pictures: np.ndarray
    people: np.ndarray
    #: Unit vectors before and after: float32 (k, d).
    before: np.ndarray
    after: np.ndarray

    @property
    def similarity(self) -> np.ndarray:
        """Return the cosine of each picture to its original: float64 (k,)."""
        return np.einsum("kd,kd->k", self.before, self.after, dtype=float)


def moved(variants: Variants, variant: str, attack: str) -> Moved:
    """Return the attacked pictures, in `variant`, whose two versions both have a vector."""
    before, after = variants.rows[CLEAN], variants.rows[variant]
    chosen = np.flatnonzero(variants.attacked[attack] & (before >= 0) & (after >= 0))
    vectors = variants.vectors
    return Moved(
        chosen, variants.people[chosen], vectors[before[chosen]], vectors[after[chosen]]
    )  # fmt: skip


def same_photo(variants: Variants, found: Moved) -> np.ndarray:
    """Return the place of each picture's own original among all clean pictures: float64 (k,).

    This is no recognition: the person's other pictures count as others.
    """
    rows = variants.rows[CLEAN]
    gallery = np.flatnonzero(rows >= 0)
    return rank(found.after, found.pictures, variants.vectors[rows[gallery]], gallery).rank


def spared(variants: Variants, attack: str) -> np.ndarray:
    """Return the clean vectors of the people whom an attack leaves alone: float32 (r, d)."""
    rows, people = variants.rows[CLEAN][: variants.own], variants.people[: variants.own]
    others = ~np.isin(people, people[variants.attacked[attack][: variants.own]])
    return variants.vectors[rows[others & (rows >= 0)]]


class Detected(NamedTuple):
    """What a detector says of t pictures of people it wasn't trained on.

    A score above 0 calls a picture cloaked.
    """

    #: int64, bool and float64 (t,).
    people: np.ndarray
    cloaked: np.ndarray
    scores: np.ndarray
    #: Scores of clean pictures of other people, by detectors not trained on these: float64 (c,).
    calm: np.ndarray

    @property
    def said(self) -> np.ndarray:
        """Return which pictures it calls cloaked: bool (t,)."""
        return self.scores > 0


def detect(found: Moved, others: np.ndarray, seed: int) -> Detected | None:
    """Train a linear detector on half of the people, before and after; try it on the others.

    others: clean vectors (r, d) of people in none of these pictures, for `calm`. So are those of
    the people that it is trained on, each scored by a detector trained on four fifths of these
    without their person. None for fewer than four people.
    """
    people = np.unique(found.people)
    if len(people) < 4:
        return None
    order = np.random.default_rng(seed).permutation(people)
    chosen = order[: len(people) // 2]
    train = np.isin(found.people, chosen)
    detector = trained(found, train)
    calm = [detector(others)]
    for fold in range(FOLDS):
        held = np.isin(found.people, chosen[fold::FOLDS])
        if held.any() and (train & ~held).any():
            calm.append(trained(found, train & ~held)(found.before[held]))
    tried = np.concatenate([found.before[~train], found.after[~train]])
    truth = np.repeat([False, True], (~train).sum())
    return Detected(
        np.tile(found.people[~train], 2), truth, detector(tried), np.concatenate(calm)
    )  # fmt: skip


def trained(found: Moved, train: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that scores vectors (k, d), trained on the pictures `train`, bool.

    Ridge regression of +1 (cloaked) and -1 (not) on the vectors, as many of each.
    """
    known = np.concatenate([found.before[train], found.after[train]]).astype(float)
    target = np.repeat([-1.0, 1.0], train.sum())
    centre = known.mean(axis=0)
    known -= centre
    gram = known.T @ known
    ridge = 0.1 * max(np.trace(gram), 1e-12) / len(gram)
    weights = np.linalg.solve(gram + ridge * np.eye(len(gram)), known.T @ target)
    return lambda vectors: (vectors - centre) @ weights


def alert_threshold(calm: np.ndarray, rate: float) -> float | None:
    """Return the score above which a share `rate` of clean pictures lies, at most.

    calm: scores of clean pictures, float (c,). The k-th largest, k = rate (c + 1) rounded down: a
    further picture like them exceeds it with a chance of k / (c + 1), whatever the distribution
    (Vovk and others, *Algorithmic learning in a random world*, 2005). None if k is 0.

    >>> alert_threshold(np.arange(199.0), 0.01), alert_threshold(np.arange(98.0), 0.01)
    (197.0, None)
    """
    k = int(rate * (len(calm) + 1) + 1e-9)
    return float(np.sort(calm)[-k]) if k else None
