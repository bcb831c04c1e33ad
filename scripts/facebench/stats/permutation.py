"""Do two groups of people differ? The labels could as well have been given to other people."""

import numpy as np

from facebench.stats.sampled import TIE, sampled_p
from facebench.timing import loading

#: Most ways to divide people between two groups, people with equal scores being alike, that are
#: gone through one by one.
MOST = 2**17
#: Random numbers held at a time.
CELLS = 2**22


def labels_p(scores: np.ndarray, inside: np.ndarray, seed: int) -> float:
    """Return the two-sided p-value that people `inside` a group have other scores than the others.

    scores: float (n,), one a person; inside: bool (n,). If the group meant nothing, any other n
    people could be in it: p is the share of all choices in which their sum is at least as far from
    its mean. It needs no spread within a group. Exact, or from draws with `seed` where there are
    more than `MOST` choices.

    >>> round(labels_p(np.array([1, 1, 1, 0, 0, 0]), np.arange(6) < 3, seed=0), 3)  # 2 of 20
    0.1
    >>> labels_p(np.ones(5), np.arange(5) < 1, seed=0)
    1.0
    """
    centred = np.asarray(scores, float) - np.mean(scores)
    seen = abs(float(centred[inside].sum()))
    size = int(np.count_nonzero(inside))
    values, counts = np.unique(centred.round(12), return_counts=True)
    if np.prod(np.minimum(np.sort(counts)[:-1], size) + 1.0) <= MOST:
        sums, chances = choices(values, counts, size)
        return float(min(chances[np.abs(sums) >= seen - TIE].sum(), 1.0))
    fewer = min(size, len(centred) - size)

    def drawn(random: np.random.Generator, draws: int) -> np.ndarray:
        step = max(1, CELLS // len(centred))
        found = []
        for start in range(0, draws, step):
            keys = random.random((min(step, draws - start), len(centred)), dtype=np.float32)
            some = np.argpartition(keys, fewer - 1, axis=1)[:, :fewer]
            found.append(np.abs(centred[some].sum(axis=1)))
        return np.concatenate(found)

    return sampled_p(seen, drawn, seed)


def choices(values: np.ndarray, counts: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of every choice of `size` people, and its chance: float64 (k,) each.

    `counts` people, int (m,), have the score `values`, float (m,); people with equal scores are
    alike.

    >>> sums, chances = choices(np.array([0.0, 1.0]), np.array([2, 2]), size=2)
    >>> sums, chances.round(3)
    (array([2., 1., 0.]), array([0.167, 0.667, 0.167]))
    """
    with loading():
        from scipy.special import gammaln

    def ways(many: int, taken: np.ndarray | int) -> np.ndarray:
        return gammaln(many + 1) - gammaln(np.add(taken, 1)) - gammaln(np.subtract(many, taken) + 1)

    chosen, sums, logs = np.zeros(1, np.int64), np.zeros(1), np.zeros(1)
    left = int(counts.sum())
    *some, last = np.argsort(counts, kind="stable").tolist()
    for i in some:
        left -= int(counts[i])
        taken = np.arange(min(int(counts[i]), size) + 1)
        full = chosen[:, None] + taken
        possible = (full <= size) & (full + left >= size)
        sums = (sums[:, None] + taken * values[i])[possible]
        logs = (logs[:, None] + ways(counts[i], taken))[possible]
        chosen = full[possible]
    # The largest part is what is left to choose.
    sums, logs = sums + (size - chosen) * values[last], logs + ways(counts[last], size - chosen)
    return sums, np.exp(logs - ways(int(counts.sum()), size))
