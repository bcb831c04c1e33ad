"""How much the searches of one person agree, so that many of them count as fewer.

Hits and misses of one person tend to come together, so m searches of a person say less than m
searches of m people. What one of them counts, as a share of a person, is between 1 / m (each of a
person's searches goes its own way) and 1 (all of a person's searches end alike).
"""

from collections.abc import Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """How far people's rates, or changes of rates, lie from the mean of all."""

    #: How many people of equal weight these are.
    people: float
    #: Sum of the squared distances from the mean, without the bias of a mean that was estimated.
    seen: float
    #: What this sum would be if each person's searches all ended alike.
    alike: float
    #: What a search counts if each goes its own way: the mean of 1 / (a person's searches).
    least: float
    #: How much the searches of a person agree of whom nothing is known, 0 to 1.
    unknown: float = 1.0

    @property
    def weight(self) -> float:
        """What one search counts, as a share of a person.

        `seen / alike`, with one search added, of a person of whom nothing is known. Where next to
        nothing has happened (all right, no change), this one decides.

        >>> one_each = Spread(people=40, seen=3.0, alike=3.0, least=1.0)
        >>> ten_each = Spread(people=40, seen=0.0, alike=0.0, least=0.1, unknown=0.5)
        >>> one_each.weight, round(ten_each.weight, 2)
        (1.0, 0.55)
        """
        added = self.least * (self.least + self.unknown * (1 - self.least))
        return min(max((self.seen + added) / (self.alike + self.least), self.least), 1.0)

    @property
    def trials(self) -> float:
        """How many independent searches, of a person each, say as much."""
        return self.people / self.weight


def together(spreads: Sequence[Spread]) -> Spread:
    """Return the spread of several groups of people about a mean of their own each."""
    people = sum(one.people for one in spreads)
    return Spread(
        people,
        sum(one.seen for one in spreads),
        sum(one.alike for one in spreads),
        sum(one.people * one.least for one in spreads) / people,
        max(one.unknown for one in spreads),
    )
