"""Each person's pictures, divided into a gallery and probes."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.identify import shuffled_place


class Split(NamedTuple):
    """Gallery and probes, drawn before anything is known of failures."""

    #: Numbers of pictures, ascending: int64.
    gallery: np.ndarray
    probes: np.ndarray
    #: Every picture's place in the order in which its person's gallery is poisoned, from 0; -1
    #: outside the gallery. int64 (n,)
    order: np.ndarray
    #: How many pictures of each picture's person are in the gallery: int64 (n,)
    size: np.ndarray

    def poisoned(self, share: float) -> np.ndarray:
        """Return which pictures of the gallery are poisoned, if `share` of each person's are.

        Rounded to the nearest whole picture, half a picture up. Larger shares contain smaller ones.
        bool (n,)

        >>> parts = split(np.zeros(5, int), train=0.8, seed=1)
        >>> [int(parts.poisoned(share).sum()) for share in (0, 0.25, 0.5, 0.6, 1)]
        [0, 1, 2, 2, 4]
        """
        many = np.floor(share * self.size + 0.5 + 1e-9)
        return (self.order >= 0) & (self.order < many)


def given(people: np.ndarray, enrolled: np.ndarray, seed: int, fold: int = 0) -> Split:
    """Divide the pictures as the data set says: the `enrolled`, bool (n,), are the gallery.

    There is one such division: other folds have no probes.

    >>> parts = given(np.array([0, 0, 0, 1, 1]), np.array([True, True, False, True, False]), seed=0)
    >>> parts.gallery.tolist(), parts.probes.tolist(), parts.size.tolist()
    ([0, 1, 3], [2, 4], [2, 2, 2, 1, 1])
    """
    gallery = np.flatnonzero(enrolled)
    order = np.full(len(people), -1)
    order[gallery] = shuffled_place(people[gallery], seed)
    size = np.bincount(people[gallery], minlength=people.max(initial=-1) + 1)[people]
    probes = np.flatnonzero(~enrolled) if fold == 0 else np.zeros(0, np.int64)
    return Split(gallery, probes, order, size)


def split(people: np.ndarray, train: float, seed: int, fold: int = 0) -> Split:
    """Divide each person's pictures at random: `train` of them, at least one, is the gallery.

    people: int (n,), who each picture shows. A person with at least two pictures has at least one
    probe; a person with one picture is in the gallery. Other folds search with other pictures,
    until every picture has been searched with once; a person for whom none is left is not searched.

    >>> people = np.array([0, 0, 0, 0, 1, 2, 2])
    >>> np.bincount(people[split(people, train=0.7, seed=0).probes]).tolist()
    [1, 0, 1]
    >>> folds = [split(people, 0.7, 0, fold).probes for fold in range(5)]
    >>> sorted(np.concatenate(folds).tolist()), len(folds[4])
    ([0, 1, 2, 3, 5, 6], 0)
    """
    place = shuffled_place(people, seed)
    total = np.bincount(people)[people]
    enrolled = np.clip(np.floor(train * total + 0.5), 1, np.maximum(total - 1, 1)).astype(np.int64)
    searched = total - enrolled
    stop = np.maximum(total - fold * searched, 0)
    start = np.maximum(stop - searched, 0)
    probe = (place >= start) & (place < stop)
    order = np.where(probe, -1, place - np.where(place >= stop, stop - start, 0))
    return Split(np.flatnonzero(~probe), np.flatnonzero(probe), order, total - (stop - start))
