"""Captions of an album: several sentences a picture, most of them with the person's name."""

from collections.abc import Iterator

import pandas as pd

from facebench.people import caption, draw_identity, draw_view

#: One sentence in this many leaves the name out.
NAMELESS = 8


def identity_of(key: str) -> tuple[int, int]:
    """Return the population's seed and the person's number: the parts of an identity.

    >>> identity_of("s0p000012")
    (0, 12)
    """
    seed, index = key.removeprefix("s").split("p")
    return int(seed), int(index)


def sentences(table: pd.DataFrame, each: int) -> Iterator[list[str]]:
    """Yield `each` captions for every row of a table of rendered people."""
    person = None
    for key, number in zip(table["identity"], table["view"], strict=True):
        seed, index = identity_of(key)
        if person is None or (person.seed, person.index) != (seed, index):
            person = draw_identity(seed, index)
        view = draw_view(person, number)
        yield [
            caption(person, view, again, named=again % NAMELESS != NAMELESS - 1)
            for again in range(each)
        ]
