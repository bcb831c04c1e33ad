"""Was a person's name read in training? A score of people, judged where the answer is known."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.identity_inference import least_templates, tails
from facebench.stats.intervals import identity_draws

#: Cells of a block of draws: all of them in one.
WHOLE = 2**62


class Inferred(NamedTuple):
    """Members that are inferred where few others are, at m rates."""

    #: From how many right templates on: int64 (m,)
    templates: np.ndarray
    #: Share of the members, and of those who aren't: float64 (m,)
    tpr: np.ndarray
    fpr: np.ndarray
    #: `tpr` in every draw of both, `templates` found again: float64 (draws, m)
    draws: np.ndarray


def inferred(
    members: np.ndarray,
    others: np.ndarray,
    templates: int,
    rates: np.ndarray,
    draws: int,
    seed: int,
) -> Inferred:
    """Return which share of the members is inferred where at most `rates` (m,) of the others are.

    members, others: int (people,), how many of the `templates` are right for each person.

    >>> right, wrong = np.array([3, 3, 1, 0]), np.array([0, 0, 1, 0])
    >>> found = inferred(right, wrong, 3, np.array([0.25, 0.1]), draws=2, seed=0)
    >>> found.templates, found.tpr
    (array([1, 2]), array([0.75, 0.5 ]))
    """
    everybody = np.ones((1, len(others)))
    wrong = tails(others, templates, everybody)
    least = np.array([least_templates(wrong, rate)[0] for rate in rates], np.int64)
    right = tails(members, templates, np.ones((1, len(members))))[0]
    (mine,) = identity_draws(len(members), draws, seed, WHOLE)
    (theirs,) = identity_draws(len(others), draws, seed + 1, WHOLE)
    found, missed = tails(members, templates, mine), tails(others, templates, theirs)
    chosen = [found[np.arange(draws), least_templates(missed, rate)] for rate in rates]
    drawn = np.reshape(chosen, (len(rates), draws)).T
    return Inferred(least, right[least], wrong[0][least], drawn)


def told_apart(members: np.ndarray, others: np.ndarray) -> tuple[float, float]:
    """Return the chance that a member scores higher than another, ties half, and its variance.

    members, others: float (n,) and (m,), two of each at least. The variance is that over samples
    of both kinds of people (DeLong, DeLong and Clarke-Pearson, 1988).

    >>> told_apart(np.array([1.0, 2, 3]), np.array([0.0, 2.5]))
    (0.666..., 0.138...)
    """
    ahead, behind = placements(members, others), 1 - placements(others, members)
    variance = ahead.var(ddof=1) / len(ahead) + behind.var(ddof=1) / len(behind)
    return float(ahead.mean()), float(variance)


def placements(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the share of `others` (m,) below each of `scores` (n,), ties half: float64 (n,).

    >>> placements(np.array([1.0, 5.0]), np.array([1.0, 2.0]))
    array([0.25, 1.  ])
    """
    order = np.sort(others)
    both = np.searchsorted(order, scores) + np.searchsorted(order, scores, side="right")
    return both / (2 * len(others))
