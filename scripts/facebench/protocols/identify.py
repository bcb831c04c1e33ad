"""Closed-set identification: who is this, among people who are all in the gallery?"""

from collections.abc import Iterator

import numpy as np


def galleries(
    people: np.ndarray, enrolled: int, distractors: bool, count: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Choose each person's pictures for `count` galleries; yield (gallery, probes) of each.

    people: int (n,), who each attempted picture shows; the results are picture numbers. A person
    with more than `enrolled` pictures has that many of them in a gallery and is searched with all
    others. Those with fewer are only `distractors`, with up to `enrolled` pictures, or left out.
    Failures play no part here, so that every model and crop has the same galleries and probes.

    Every picture of a person is enrolled equally often, as far as `count` allows.

    >>> who = np.array([0, 0, 0, 1, 2, 2])
    >>> found = list(galleries(who, enrolled=1, distractors=True, count=3, seed=0))
    >>> [(len(gallery), len(probes), 3 in gallery) for gallery, probes in found]
    [(3, 3, True), (3, 3, True), (3, 3, True)]
    >>> sorted(gallery[0].item() for gallery, _ in found)
    [0, 1, 2]
    """
    searched = np.bincount(people)[people] > enrolled
    for chosen in enrolments(people, enrolled, count, seed):
        gallery = chosen if distractors else chosen & searched
        yield np.flatnonzero(gallery), np.flatnonzero(searched & ~chosen)


def enrolments(people: np.ndarray, enrolled: int, count: int, seed: int) -> Iterator[np.ndarray]:
    """Yield which pictures are enrolled, bool (n,), `count` times; the first choice is random.

    From one choice to the next, a person's enrolled pictures are the next ones of a random order;
    when it has been used up, another random order begins.
    """
    pictures = np.bincount(people)[people]
    orders: list[np.ndarray] = []
    for number in range(count):
        cycle, start = np.divmod(number * enrolled, pictures)
        while len(orders) <= cycle.max(initial=0):
            orders.append(shuffled_place(people, [seed, len(orders)] if orders else seed))
        place = np.stack(orders)[cycle, np.arange(len(people))]
        yield (place - start) % pictures < enrolled


def shuffled_place(people: np.ndarray, seed: int | list[int]) -> np.ndarray:
    """Return each picture's place, from 0, in a random order of its person's pictures: int (n,).

    >>> sorted(shuffled_place(np.array([4, 4, 4]), seed=0).tolist())
    [0, 1, 2]
    """
    shuffle = np.random.default_rng(seed).random(len(people))
    order = np.lexsort((shuffle, people))
    place = np.empty(len(people), np.int64)
    place[order] = np.arange(len(people)) - np.searchsorted(people[order], people[order])
    return place
