"""Random numbers by address: any person, any view, in any order."""

from collections.abc import Mapping

import numpy as np


def chance(seed: int, *address: int) -> np.random.Generator:
    """The generator that belongs to an address, such as (identity, 0) or (identity, 1, view)."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=address)))


def bounded(rng: np.random.Generator, mean: float, spread: float, limit: float = 2.2) -> float:
    """Normal around `mean`, never further off than `limit` spreads."""
    return float(mean + spread * np.clip(rng.standard_normal(), -limit, limit))


def weighted(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    """Return one key at random; its chance is in proportion to its weight."""
    shares = np.array(list(weights.values()), float)
    return str(rng.choice(list(weights), p=shares / shares.sum()))
