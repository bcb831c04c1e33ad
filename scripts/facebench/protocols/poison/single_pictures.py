"""Effects of a cloak on single pictures: on vectors, on looks, and whether it is detectable."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.poison.experiments import CLEAN
from facebench.protocols.poison.variants import Variants
from facebench.protocols.ranks import rank


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


class Detected(NamedTuple):
    """What a detector says of t pictures of people it wasn't trained on: int64, then bool (t,)."""

    people: np.ndarray
    cloaked: np.ndarray
    said: np.ndarray


def detect(found: Moved, seed: int) -> Detected | None:
    """Train a linear detector on half of the people, before and after; try it on the others.

    Ridge regression of +1 (cloaked) and -1 (not) on the vectors, as many of each. None for fewer
    than four people.
    """
    people = np.unique(found.people)
    if len(people) < 4:
        return None
    chosen = np.random.default_rng(seed).permutation(people)[: len(people) // 2]
    train = np.isin(found.people, chosen)
    known = np.concatenate([found.before[train], found.after[train]]).astype(float)
    target = np.repeat([-1.0, 1.0], train.sum())
    centre = known.mean(axis=0)
    known -= centre
    gram = known.T @ known
    ridge = 0.1 * max(np.trace(gram), 1e-12) / len(gram)
    weights = np.linalg.solve(gram + ridge * np.eye(len(gram)), known.T @ target)
    tried = np.concatenate([found.before[~train], found.after[~train]]) - centre
    truth = np.repeat([False, True], (~train).sum())
    return Detected(np.tile(found.people[~train], 2), truth, tried @ weights > 0)
