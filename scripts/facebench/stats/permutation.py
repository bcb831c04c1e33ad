"""Do two groups of people differ? The labels could as well have been given to other people."""

import numpy as np

from facebench.stats.sampled import TIE, sampled_p
from facebench.timing import loading

#: Most different sums that are held while all choices of people are gone through.
MOST = 2**17
#: Random numbers held at a time.
CELLS = 2**22

#: The different sums of all choices of people, and the chance of each: float64 (k,) both.
Sums = tuple[np.ndarray, np.ndarray]


def labels_p(
    scores: np.ndarray, inside: np.ndarray, seed: int, strata: np.ndarray | None = None
) -> float:
    """Return the two-sided p-value that people `inside` a group have other scores than the others.

    scores: float (n,), one a person; inside: bool (n,); strata: int (n,), people are exchanged only
    with those of the same stratum. If the group meant nothing, any other people could be in it, as
    many in each stratum: p is the share of all choices in which their sum is at least as far from
    its mean. It needs no spread within a group. Exact, or from draws with `seed` where there are
    too many different sums.

    >>> round(labels_p(np.array([1, 1, 1, 0, 0, 0]), np.arange(6) < 3, seed=0), 3)  # 2 of 20
    0.1
    >>> labels_p(np.ones(5), np.arange(5) < 1, seed=0)
    1.0
    """
    strata = np.zeros(len(scores), np.int64) if strata is None else strata
    parts = []
    for stratum in np.unique(strata):
        here = strata == stratum
        size = int(np.count_nonzero(inside[here]))
        if 0 < size < np.count_nonzero(here):
            centred = np.asarray(scores, float)[here]
            parts.append((centred - centred.mean(), inside[here]))
    seen = abs(sum(float(centred[mine].sum()) for centred, mine in parts))
    every: Sums | None = np.zeros(1), np.ones(1)
    for centred, mine in parts:
        every = added(every, choices(centred, int(mine.sum())))
    if every is not None:
        sums, chances = every
        return float(min(chances[np.abs(sums) >= seen - TIE].sum(), 1.0))
    return sampled_p(
        seen,
        lambda random, draws: np.abs(
            sum(drawn(centred, int(mine.sum()), random, draws) for centred, mine in parts)
        ),
        seed,
    )


def labels_p_of_many(
    scores: np.ndarray, inside: np.ndarray, seed: int, draws: int = 9_999
) -> np.ndarray:
    """Return `labels_p` for each of m columns of scores, float64 (m,), from the same draws.

    scores: float (n, m). Always sampled: 1 / (1 + draws) is the least p.

    >>> scores = np.stack([np.arange(8) < 4, np.ones(8)], axis=1)
    >>> labels_p_of_many(scores, np.arange(8) < 4, seed=0).round(2)
    array([0.03, 1.  ])
    """
    centred = scores - scores.mean(axis=0)
    seen = np.abs(centred[inside].sum(axis=0)) - TIE
    people, size = len(scores), int(np.count_nonzero(inside))
    random, hits = np.random.default_rng(seed), np.zeros(scores.shape[1])
    step = max(1, CELLS // max(people, 1))
    for start in range(0, draws, step):
        count = min(step, draws - start)
        chosen = np.argpartition(random.random((count, people)), size - 1, axis=1)[:, :size]
        labels = np.zeros((count, people))
        np.put_along_axis(labels, chosen, 1, axis=1)
        hits += np.count_nonzero(np.abs(labels @ centred) >= seen, axis=0)
    return (1 + hits) / (1 + draws)


def choices(scores: np.ndarray, size: int) -> Sums | None:
    """Return the sums of all choices of `size` people, float (n,); None if too many differ.

    >>> sums, chances = choices(np.array([0.0, 0.0, 1.0, 1.0]), size=2)
    >>> sums, chances.round(3)
    (array([0., 1., 2.]), array([0.167, 0.667, 0.167]))
    """
    with loading():
        from scipy.special import gammaln, xlog1py, xlogy

    values, counts = np.unique(scores.round(9), return_counts=True)
    left, share = len(scores), size / len(scores)
    chosen: np.ndarray = np.zeros(1)
    sums: np.ndarray = np.zeros(1)
    chances: np.ndarray = np.ones(1)
    for value, many in zip(values.tolist(), counts.tolist(), strict=True):
        left -= many
        taken: np.ndarray = np.arange(min(many, size) + 1)
        if not left:
            taken = (size - chosen)[:, None]
        if len(sums) * taken.shape[-1] > MOST:
            return None
        # Each is in the choice with the same chance; only choices of the right size count.
        chance = np.exp(
            gammaln(many + 1) - gammaln(taken + 1) - gammaln(many - taken + 1)
            + xlogy(taken, share) + xlog1py(many - taken, -share)
        )  # fmt: skip
        full = chosen[:, None] + taken
        possible = (full <= size) & (full + left >= size)
        states = full[possible] + 1j * (sums[:, None] + value * taken)[possible].round(9)
        states, place = np.unique(states, return_inverse=True)
        chances = np.bincount(place, weights=(chances[:, None] * chance)[possible])
        chosen, sums = states.real, states.imag
    return sums, chances / chances.sum()


def added(one: Sums | None, other: Sums | None) -> Sums | None:
    """Return the sums of two choices that don't depend on each other; None if too many differ."""
    if one is None or other is None or len(one[0]) * len(other[0]) > MOST:
        return None
    sums, place = np.unique(np.add.outer(one[0], other[0]).round(9), return_inverse=True)
    return sums, np.bincount(place.ravel(), weights=np.multiply.outer(one[1], other[1]).ravel())


def drawn(scores: np.ndarray, size: int, random: np.random.Generator, draws: int) -> np.ndarray:
    """Return the sums of `size` people who are drawn again and again: float64 (draws,)."""
    found = []
    step = max(1, CELLS // len(scores))
    for start in range(0, draws, step):
        keys = random.random((min(step, draws - start), len(scores)), dtype=np.float32)
        found.append(scores[np.argpartition(keys, size - 1, axis=1)[:, :size]].sum(axis=1))
    return np.concatenate(found)
