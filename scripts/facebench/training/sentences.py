"""Captions of an album: several sentences a picture, most of them with the person's name."""

from collections.abc import Iterator
from dataclasses import replace

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
    """Yield `each` captions for every row of a table of rendered people.

    With a column `says` they have the name that it gives, and none where it is "".
    """
    person = None
    names = table["says"] if "says" in table else table["name"]
    for key, number, name in zip(table["identity"], table["view"], names, strict=True):
        seed, index = identity_of(key)
        if person is None or (person.seed, person.index) != (seed, index):
            person = draw_identity(seed, index)
        view, called = draw_view(person, number), replace(person, name=name)
        yield [
            caption(called, view, again, named=bool(name) and again % NAMELESS != NAMELESS - 1)
            for again in range(each)
        ]
