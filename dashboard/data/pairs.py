"""Pairs of pictures: their scores, whether they are of one person, and who was taken for whom.

Computed from a model's vectors when a page asks for it, in blocks: the results hold the outcome of
every search, and no score of a pair. Pictures of nobody, and those without a vector, take no part.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.data import people, search
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.protocols.scores import scores
from facebench.store.layout import CLEAN

#: More pictures than this are not searched for, or compared, in a page: seconds would be minutes.
MOST_SEARCHED, MOST_PAIRED = 15_000, 4_000
#: Scores held at a time, float64: 32 MB.
CELLS = 2**22


@dataclass(frozen=True)
class Shown:
    """The n pictures that have a vector and a person, those of one person together."""

    ids: np.ndarray
    #: Who each shows: places in `identities`, ascending, int64 (n,).
    person: np.ndarray
    identities: np.ndarray
    #: Unit rows, float32 (n, d).
    rows: np.ndarray

    def blocks(self, rows: int | None = None) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield pictures and their scores with all, float32 (block, n); a person is in one block.

        rows: about how many pictures a block has.
        """
        step = max(1, rows or CELLS // max(1, len(self.ids)))
        ends = np.flatnonzero(np.diff(self.person, append=len(self.identities))) + 1
        start = 0
        while start < len(self.ids):
            stop = int(ends[max(np.searchsorted(ends, start + step, "right") - 1, 0)])
            stop = stop if stop > start else int(ends[np.searchsorted(ends, start, "right")])
            yield slice(start, stop), scores(self.rows[start:stop], self.rows).astype(np.float32)
            start = stop


def shown(dataset: str, crop: str, model: str, most: int) -> Shown:
    """Return the pictures of a data set under a model; raise `Missing` for more than `most`."""
    known = search.vectors(dataset, crop, CLEAN, model)
    somebody = np.flatnonzero(pd.notna(known.identity) & (known.identity != ""))
    if len(somebody) > most:
        raise Missing(
            f"{len(somebody):,} pictures are too many for this page, which compares all of them"
            f" with each other when it is opened: it takes up to {most:,}. Recognition has the"
            " numbers that the study measured of them all.",
            "",
        )
    person, identities = pd.factorize(known.identity[somebody], sort=True)
    order = np.argsort(person, kind="stable")
    chosen = somebody[order]
    return Shown(known.ids.to_numpy(object)[chosen], person[order], identities, known.rows[chosen])


def without_vector(dataset: str, crop: str, model: str) -> int:
    """Return how many usable pictures have no vector, for no face was found in them."""
    return max(
        0, len(people.images(dataset)) - len(search.vectors(dataset, crop, CLEAN, model).ids)
    )


@dataclass(frozen=True)
class Mistakes:
    """The searches in which somebody else came first, of all `searched` for."""

    #: image_id, identity, other_id, other, score, mate_id, mate_score, rank, margin.
    table: pd.DataFrame
    searched: int


@cached_until_changed(most=6)
def mistakes(dataset: str, crop: str, model: str) -> Mistakes:
    """Search for every picture among all others, as the page Search does; return what went wrong.

    `other` is the person who came first, with a `score`; `mate_id` is the nearest other picture of
    the right person, with its `rank`. Nobody with a single picture is searched for.
    """
    seen = shown(dataset, crop, model, MOST_SEARCHED)
    parts = [_mistakes(seen, *block) for block in seen.blocks()]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=WRONG)
    pictures = np.bincount(seen.person, minlength=len(seen.identities))
    return Mistakes(table, int(pictures[pictures > 1].sum()))


WRONG = ["image_id", "identity", "other_id", "other", "score", "mate_id", "mate_score", "rank",
         "margin"]  # fmt: skip


def _mistakes(seen: Shown, block: slice, found: np.ndarray) -> pd.DataFrame:
    rows = np.arange(block.start, block.stop)
    found[np.arange(len(rows)), rows] = -np.inf
    mates = np.where(seen.person[block, None] == seen.person[None], found, -np.inf)
    mate, first = mates.argmax(axis=1), found.argmax(axis=1)
    best = mates.max(axis=1)
    # Equal scores keep the order of the pictures, as in the protocols.
    before = (found > best[:, None]).sum(axis=1)
    before += ((found == best[:, None]) & (np.arange(len(seen.ids)) < mate[:, None])).sum(axis=1)
    score = found.max(axis=1)
    table = pd.DataFrame(
        {
            "image_id": seen.ids[rows],
            "identity": seen.identities[seen.person[rows]],
            "other_id": seen.ids[first],
            "other": seen.identities[seen.person[first]],
            "score": score,
            "mate_id": seen.ids[mate],
            "mate_score": best,
            "rank": before + 1,
            "margin": score - best,
        },
        columns=WRONG,
    )
    return table[(seen.person[first] != seen.person[rows]) & np.isfinite(best)]


@dataclass(frozen=True)
class Pairs:
    """The scores of all pairs of two pictures, highest first: of one person, and of two people."""

    seen: Shown
    #: float32 (r,), and which two pictures: int32 (r,), the first times n plus the second.
    mates: np.ndarray
    mate_pairs: np.ndarray
    #: The same of pairs of two people.
    others: np.ndarray
    other_pairs: np.ndarray

    def rates(self, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which share of the pairs of one person, and of two, scores at least thresholds."""
        true, false = (passed / len(kind) for passed, kind in self._passed(thresholds))
        return true, false

    def _passed(self, thresholds: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        least = -np.asarray(thresholds, np.float32)
        return [
            (np.searchsorted(-kind, least, side="right"), kind)
            for kind in (self.mates, self.others)
        ]

    def wrong(self, threshold: float, most: int, surest: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return pairs on the wrong side: of two people accepted, and of one person rejected.

        surest: those furthest from the threshold first, else those nearest to it.
        """
        (right, _), (false, _) = self._passed(np.array(threshold))
        accepted, rejected = np.arange(false), np.arange(right, len(self.mates))
        accepted = accepted[:most] if surest else accepted[::-1][:most]
        rejected = rejected[::-1][:most] if surest else rejected[:most]
        return (
            self._listed(self.other_pairs[accepted], self.others[accepted]),
            self._listed(self.mate_pairs[rejected], self.mates[rejected]),
        )

    def _listed(self, pairs: np.ndarray, score: np.ndarray) -> pd.DataFrame:
        one, two = np.divmod(pairs, len(self.seen.ids))
        who = self.seen.identities[self.seen.person]
        return pd.DataFrame(
            {"a_id": self.seen.ids[one], "a": who[one], "b_id": self.seen.ids[two], "b": who[two],
             "score": score}
        )  # fmt: skip


@cached_until_changed(most=3)
def all_pairs(dataset: str, crop: str, model: str) -> Pairs:
    """Return the scores of all pairs of a data set's pictures under a model."""
    seen = shown(dataset, crop, model, MOST_PAIRED)
    kept: dict[bool, list[tuple[np.ndarray, np.ndarray]]] = {True: [], False: []}
    n = len(seen.ids)
    for block, found in seen.blocks():
        rows = np.arange(block.start, block.stop)[:, None]
        later = np.arange(n)[None] > rows
        same = seen.person[block, None] == seen.person[None]
        for kind, held in kept.items():
            one, two = np.nonzero(later & (same == kind))
            held.append((found[one, two], ((one + block.start) * n + two).astype(np.int32)))
    if not any(len(scored) for scored, _ in kept[True]) or not any(
        len(scored) for scored, _ in kept[False]
    ):
        raise Missing("There are no two pictures of one person, or none of two people.", "")
    return Pairs(seen, *_highest_first(kept[True]), *_highest_first(kept[False]))


def _highest_first(kept: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    scored, pairs = (np.concatenate(arrays) for arrays in zip(*kept, strict=True))
    order = np.argsort(-scored, kind="stable")
    return scored[order], pairs[order]


def between(dataset: str, crop: str, model: str, one: str, other: str, most: int) -> pd.DataFrame:
    """Return the similarity of every two pictures of two people, up to `most` pictures of each.

    Columns: a_id, b_id, a, b (identities), a_number, b_number (from 1), similarity. A picture with
    itself is left out.
    """
    known = search.vectors(dataset, crop, CLEAN, model)
    rows, listed = [], []
    for who in dict.fromkeys((one, other)):
        mine = np.flatnonzero(known.identity == who)[:most]
        rows.append(mine)
        listed += [(known.ids[row], who, number) for number, row in enumerate(mine, 1)]
    found = known.rows[np.concatenate(rows)]
    similar = scores(found, found)
    return pd.DataFrame(
        [
            (a[0], b[0], a[1], b[1], a[2], b[2], similar[i, j])
            for i, a in enumerate(listed)
            for j, b in enumerate(listed)
            if i != j
        ],
        columns=["a_id", "b_id", "a", "b", "a_number", "b_number", "similarity"],
    )
