"""Hubs in an index: what is put in, what it does to searches, and whether it is noticed."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from facebench.evaluation.hub_guard import Guard, Noticed
from facebench.evaluation.hub_index import called, reached_through
from facebench.protocols.hubs import effect, entries
from facebench.protocols.hubs.groups import Groups
from facebench.protocols.hubs.lists import Lists, lists, occurrence
from facebench.protocols.poison.index_search import Index
from facebench.protocols.scores import scores

NO_POOL = "There are fewer entries, or pictures, than this number."
NO_SAMPLE = "The attacker has seen fewer searches that could be used than this number."
#: Kinds that are vectors, added to the index; entries of the others are in it already.
ADDED = ("centroid", "seen", "optimised", "random", "picture", "carrier")
#: Those that are made from the searches that the attacker has seen.
FROM_SAMPLE = ("seen", "optimised", "picture")


class Side(NamedTuple):
    """The searches for one of the groups that could be made, and what the index gives them."""

    #: float32 (n, d), int64 (n,)
    searches: np.ndarray
    people: np.ndarray
    found: Lists


class Effect(NamedTuple):
    """What so many entries of a kind do to the searches that are measured."""

    kind: str
    many: int
    #: k -> which searches have one of them among their first k: bool (n,).
    reached: Mapping[int, np.ndarray]
    #: k -> which share of the searches that the attacker has seen; None where it used none.
    seen: Mapping[int, float] | None
    #: Which find their person first: bool (n,).
    right: np.ndarray
    #: None for entries that were there before, and without sentinels.
    noticed: Noticed | None
    #: As `reached`, through each of the approximate indices, by its name.
    through: Mapping[str, Mapping[int, np.ndarray]]


class Experiment:
    """An index, three groups of people, and the options of the protocol."""

    def __init__(self, index: Index, parts: Groups, options: Mapping[str, Any]) -> None:
        self.index, self.options, self.seed = index, options, int(options["seed"])
        #: The places of a list that matter.
        self.places = sorted({1, *options["top"]})
        self.length = max(options["neighbours"], *self.places)
        self.attacker, self.sentinels, self.searched = (self.side(part) for part in parts)
        self.guard = Guard.of(*self.sentinels, index.names, options)
        self._optimised: dict[int, np.ndarray] = {}

    def side(self, people: np.ndarray) -> Side:
        """Return the searches for some people that didn't fail."""
        index = self.index
        chosen = np.isin(index.people, people) & ~index.failed
        found = lists(index.probes[chosen], index.entries, self.length)
        return Side(index.probes[chosen], index.people[chosen], found)

    def right(self, kept: np.ndarray | None = None) -> np.ndarray:
        """Return which searches find their person first, in an index of the `kept` entries."""
        index, mine = self.index, self.searched
        if kept is None:
            return effect.right(mine.found, mine.people, index.names)
        found = lists(mine.searches, index.entries[kept], 1)
        return effect.right(found, mine.people, index.names[kept])

    def counts(self) -> tuple[np.ndarray, int]:
        """Return every entry's k-occurrence, k `neighbours`, over all searches, and how many."""
        sides = (self.attacker, self.sentinels, self.searched)
        counted = [self.occurrence(side) for side in sides]
        return np.sum(counted, axis=0), sum(len(side.people) for side in sides)

    def occurrence(self, side: Side) -> np.ndarray:
        """Return every entry's k-occurrence over the searches for a group: int64 (g,)."""
        found = side.found.first(self.options["neighbours"])
        return occurrence(found, side.people, self.index.names)

    def effects(self) -> Iterator[Effect | tuple[str, int, str]]:
        """Yield the effect of every kind and number of entries; or kind, number and why not."""
        for kind in self.options["kinds"]:
            for many in sorted(self.options["entries"]):
                made = self.vectors(kind, many) if kind in ADDED else self.enrolled(kind, many)
                if isinstance(made, str):
                    yield kind, many, made
                elif kind in ADDED:
                    yield self.effect_of_vectors(kind, made)
                else:
                    yield self.effect_of_enrolled(kind, made)

    def vectors(self, kind: str, many: int) -> np.ndarray | str:
        """Return the vectors of a kind, float32 (many, d), or why there are none."""
        known = self.index.entries
        if kind == "random":
            return entries.random_directions(many, known.shape[1], self.seed)
        if kind == "centroid":
            return NO_POOL if many > len(known) else entries.centroids(known, many, self.seed)
        searches, limits = self.sample
        if many > len(searches):
            return NO_SAMPLE
        if kind == "seen":
            return entries.centroids(searches, many, self.seed)
        if many not in self._optimised:
            most = min(max(self.options["entries"]), len(searches))
            found = entries.optimised(searches, limits, most, self.seed)
            self._optimised = {size: found[:size] for size in range(1, most + 1)}
        return self._optimised[many]

    @cached_property
    def sample(self) -> tuple[np.ndarray, np.ndarray]:
        """The searches that the attacker uses, float32 (n, d), and their best scores, (n,)."""
        order = np.random.default_rng(self.seed).permutation(len(self.attacker.searches))
        chosen = np.sort(order[: self.options["sample"]])
        return self.attacker.searches[chosen], self.attacker.found.last(1)[chosen]

    def enrolled(self, kind: str, many: int) -> np.ndarray | str:
        """Return numbers of entries, int64 (many,), or why there are none."""
        size = len(self.index.entries)
        if many > size:
            return NO_POOL
        if kind == "enrolled":
            return np.random.default_rng(self.seed).permutation(size)[:many]
        if not len(self.attacker.searches):
            return NO_SAMPLE
        return np.argsort(-self.occurrence(self.attacker), kind="stable")[:many]

    def effect_of_vectors(self, kind: str, made: np.ndarray) -> Effect:
        """Return what added vectors, float32 (m, d), do."""
        added = scores(self.searched.searches, made)
        reached = {k: effect.reached(self.searched.found, added, k) for k in self.places}
        seen = {k: self.seen(made, k) for k in self.places} if kind in FROM_SAMPLE else None
        guard = self.guard
        noticed = guard.judge(made, self.searched.found, added, self.places) if guard else None
        through = {
            called(spec): reached_through(
                spec, self.index.entries, made, self.searched.searches, self.places
            )
            for spec in self.options["indexes"]
        }
        right = self.right() & ~reached[1]
        return Effect(kind, len(made), reached, seen, right, noticed, through)

    def effect_of_enrolled(self, kind: str, chosen: np.ndarray) -> Effect:
        """Return what entries that are in the index anyway do."""
        mine, names = self.searched, self.index.names
        reached = {
            k: effect.reached_by_enrolled(mine.found, mine.people, names, chosen, k)
            for k in self.places
        }
        return Effect(kind, len(chosen), reached, None, self.right(), None, {})

    def seen(self, made: np.ndarray, k: int) -> float:
        """Return in which share of the attacker's searches one of `made` is among the first k."""
        mine = self.attacker
        return float(effect.reached(mine.found, scores(mine.searches, made), k).mean())

    def strongest(self) -> str | None:
        """Return the attack of which one entry wins most of the attacker's searches, if any."""
        best, most = None, -1.0
        for kind in self.options["kinds"]:
            made = self.vectors(kind, 1) if kind in ADDED and kind != "random" else ""
            if not isinstance(made, str) and len(self.attacker.searches):
                won = self.seen(made, 1)
                best, most = (kind, won) if won > most else (best, most)
        return best
