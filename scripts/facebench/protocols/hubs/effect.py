"""What hubs do to searches: which have one among their first k."""

import numpy as np

from facebench.protocols.hubs.lists import Lists, of_others


def reached(found: Lists, added: np.ndarray, k: int) -> np.ndarray:
    """Return which searches have an added entry among their first k: bool (n,).

    added: the scores of the entries, float64 (n, m). An older entry with an equal score is first.

    >>> found = Lists(np.array([[0.9, 0.5]]), np.array([[3, 4]]))
    >>> [bool(reached(found, np.array([[0.5, 0.7]]), k)[0]) for k in (1, 2)]
    [False, True]
    """
    won: np.ndarray = added.max(axis=1, initial=-np.inf) > found.last(k)
    return won


def reached_by_enrolled(
    found: Lists, people: np.ndarray, names: np.ndarray, chosen: np.ndarray, k: int
) -> np.ndarray:
    """Return which searches have one of the `chosen` entries among their first k: bool (n,).

    Only entries of another person than the one who is searched for.
    """
    there = np.isin(found.entries, chosen) & of_others(found, people, names)
    hit: np.ndarray = there[:, :k].any(axis=1)
    return hit


def right(
    found: Lists, people: np.ndarray, names: np.ndarray, added: np.ndarray | None = None
) -> np.ndarray:
    """Return which searches have an entry of their person first: bool (n,).

    added: as for `reached`; these entries are nobody's.
    """
    mine: np.ndarray = np.append(names, -1)[found.entries[:, 0]] == people
    return mine if added is None else mine & ~reached(found, added, 1)
