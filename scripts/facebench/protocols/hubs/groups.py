"""Who plays which part: people whose pictures the attacker has, sentinels, people searched for."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.poison.split import split


class Groups(NamedTuple):
    """Three groups of people that share nobody; numbers of people, ascending: int64."""

    attacker: np.ndarray
    sentinels: np.ndarray
    searched: np.ndarray


def groups(people: np.ndarray, attacker: float, sentinels: float, seed: int) -> Groups | None:
    """Divide people at random, int (n,): the shares are rounded down, but at least one person each.

    None for fewer than three.

    >>> [len(one) for one in groups(np.arange(10), attacker=0.25, sentinels=0.25, seed=0)]
    [2, 2, 6]
    """
    everyone = np.unique(people)
    if len(everyone) < 3:
        return None
    first = max(1, int(attacker * len(everyone)))
    second = max(1, int(sentinels * len(everyone)))
    order = np.random.default_rng(seed).permutation(everyone)
    parts = order[:first], order[first : first + second], order[first + second :]
    return Groups(*(np.sort(part) for part in parts))


def asked_names(people: np.ndarray, names: np.ndarray, train: float, seed: int) -> np.ndarray:
    """Return which names somebody in the index has, ascending: they are searched for.

    people, names: int (n,), who each picture shows and what the person is called, -1 for no name.
    `train` of each person's pictures are the index.

    >>> asked_names(np.array([0, 0, 1, 1]), np.array([7, 7, -1, -1]), train=0.5, seed=0)
    array([7])
    """
    enrolled = names[split(people, train, seed).gallery]
    found: np.ndarray = np.unique(enrolled[enrolled >= 0])
    return found


def division(
    people: np.ndarray, train: float, attacker: float, sentinels: float, seed: int
) -> tuple[np.ndarray, Groups | None]:
    """Return the pictures that are searched with, and the groups of the people on them.

    people: int (n,), who each picture shows, usable or not. The others, `train` of each person's,
    are the index.

    >>> probes, parts = division(np.repeat(np.arange(8), 2), 0.5, 0.25, 0.25, seed=0)
    >>> len(probes), [len(part) for part in parts]
    (8, [2, 2, 4])
    """
    probes = split(people, train, seed).probes
    return probes, groups(people[probes], attacker, sentinels, seed)
