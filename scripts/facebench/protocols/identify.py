"""Closed-set identification: who is this, among people who are all in the gallery?"""

import numpy as np


def split(
    people: np.ndarray, enrolled: int, distractors: bool, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Choose each person's pictures for the gallery; return (gallery, probes), picture numbers.

    people: int (n,), who each attempted picture shows. A person with more than `enrolled` pictures
    has that many of them, chosen at random, in the gallery and is searched with all others. Those
    with fewer are only `distractors`, with up to `enrolled` pictures, or left out. Failures play no
    part here, so that every model and crop has the same gallery and probes.

    >>> gallery, probes = split(np.array([0, 0, 0, 1, 2, 2]), enrolled=1, distractors=True, seed=0)
    >>> len(gallery), len(probes), 3 in gallery
    (3, 3, True)
    """
    nth = shuffled_place(people, seed)
    searched = np.bincount(people)[people] > enrolled
    chosen = nth < enrolled
    gallery = chosen if distractors else chosen & searched
    return np.flatnonzero(gallery), np.flatnonzero(searched & ~chosen)


def shuffled_place(people: np.ndarray, seed: int) -> np.ndarray:
    """Return each picture's place, from 0, in a random order of its person's pictures: int (n,).

    >>> sorted(shuffled_place(np.array([4, 4, 4]), seed=0).tolist())
    [0, 1, 2]
    """
    shuffle = np.random.default_rng(seed).random(len(people))
    order = np.lexsort((shuffle, people))
    place = np.empty(len(people), np.int64)
    place[order] = np.arange(len(people)) - np.searchsorted(people[order], people[order])
    return place
