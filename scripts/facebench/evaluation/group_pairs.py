"""Who is taken for whom? Accepted pairs of two people, by group of people.

Strangers of one group look more alike than strangers of two, so a false match rate over all pairs
of two people hides how large it is within a group (Howard, Sirotin and Vemury, "The effect of broad
and specific demographic homogeneity on the imposter distributions and false match rates in face
recognition algorithm performance", 2019).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from facebench.evaluation.groups import LEAST, together
from facebench.stats.intervals import difference_interval
from facebench.stats.pair_rates import PairRate, rate_of_pairs, variance_of
from facebench.stats.permutation import labels_p_of_many
from facebench.timing import loading

#: Random groups that a group is compared with.
DRAWS = 999
#: The column of a protocol's outcomes with the people whom each is taken for, by place.
TAKEN_FOR = "taken_for"


class Mistaken(NamedTuple):
    """The accepted pairs of two people at a FAR; a pair of pictures counts for two people."""

    at: str
    #: Index `identity`: everybody's number of pictures.
    pictures: pd.Series
    #: The places in it of the people of each pair: int64 (w,) both.
    first: np.ndarray
    second: np.ndarray
    #: The columns of its rows that say what was measured: data set, crop, model.
    where: Mapping[str, str] = MappingProxyType({})


def of_outcomes(outcomes: pd.DataFrame) -> Iterator[Mistaken]:
    """Yield the accepted pairs of two people at each FAR for which the outcomes have them."""
    table = outcomes.set_index("identity")
    for column in table.columns:
        kind, _, at = column.partition("@")
        if kind == TAKEN_FOR:
            lists = table[column].tolist()
            first = np.repeat(np.arange(len(table)), [len(others) for others in lists])
            second = np.concatenate([*lists, np.zeros(0)]).astype(np.int64)
            yield Mistaken(at, table["n_images"], first, second)


def by_group(
    found: Sequence[Mistaken], groups: pd.DataFrame, statistics: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return three rows a FAR and group of people, with the columns of `groups.by_group`.

    groups: index `identity`, one column an attribute, text. `fmr` is of pairs with somebody of the
    group, its `difference` to those with somebody else; `fmr_same` of pairs within the group, its
    `difference` to `fmr_other`, pairs of the group and everybody else.
    """
    rows = []
    for same in together(found, of=lambda one: tuple(one.pictures.items())):
        for attribute in groups.columns:
            labels = groups[attribute].reindex(same[0].pictures.index)
            known = labels.notna().to_numpy()
            each = [Pairs(one, known) for one in same]
            scores = np.stack([pairs.scores() for pairs in each], axis=1)
            for value in sorted(labels[known].unique()):
                inside = (labels == value).to_numpy()[known]
                if min(inside.sum(), (~inside).sum()) < LEAST:
                    continue
                told = {"group": attribute, "value": value, "n_identities": int(inside.sum())}
                ps = labels_p_of_many(scores, inside, statistics["seed"])
                for one, pairs, p in zip(same, each, ps.tolist(), strict=True):
                    made = compared(pairs, inside, p, statistics)
                    rows += [{**one.where, "at": one.at, **told, **row} for row in made]
    return rows


class Pairs:
    """Accepted and all pairs of pictures of two people, among those whose group is known."""

    def __init__(self, found: Mistaken, known: np.ndarray) -> None:
        """known: bool (people,)."""
        place = np.cumsum(known) - 1
        both = known[found.first] & known[found.second]
        self.first, self.second = place[found.first[both]], place[found.second[both]]
        self.pictures = found.pictures.to_numpy(float)[known]

    def counts(self, inside: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return each person's accepted, and all, pairs of the kinds `same`, `across` and `other`.

        inside: bool (people,), the group; `across` is of it and the others, `other` among these.
        """
        n, within = self.pictures, [inside[self.first], inside[self.second]]
        kinds = {
            "same": (within[0] & within[1], inside, inside),
            "across": (within[0] ^ within[1], inside, ~inside),
            "other": (~within[0] & ~within[1], ~inside, ~inside),
        }
        return {kind: (self._accepted(chosen), possible(n, a, b))
                for kind, (chosen, a, b) in kinds.items()}  # fmt: skip

    def scores(self) -> np.ndarray:
        """Return how many more accepted pairs each person has than the average: (people,)."""
        hits = self._accepted(np.ones(len(self.first), bool))
        trials = self.pictures * (self.pictures.sum() - self.pictures)
        found: np.ndarray = hits - hits.sum() / max(trials.sum(), 1.0) * trials
        return found

    def _accepted(self, chosen: np.ndarray) -> np.ndarray:
        both = np.concatenate([self.first[chosen], self.second[chosen]])
        return np.bincount(both, minlength=len(self.pictures)).astype(float)


def possible(pictures: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return each person's pairs of a picture of somebody in `one` and of somebody else in `two`.

    pictures: float (people,); one, two: bool (people,), the same or without anybody in both.

    >>> one = np.array([True, True, False])
    >>> possible(np.array([1.0, 2, 3]), one, one), possible(np.array([1.0, 2, 3]), one, ~one)
    (array([2., 2., 0.]), array([3., 6., 9.]))
    """
    in_one, in_two = pictures * one, pictures * two
    if np.array_equal(one, two):
        return in_one * (in_one.sum() - in_one)
    return in_one * in_two.sum() + in_two * in_one.sum()


def compared(
    pairs: Pairs, inside: np.ndarray, p: float, statistics: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a group: `metric`, rate and interval, and how it differs from what.

    p: that the group's people are in as many accepted pairs as others.
    """
    sure, counts = statistics["confidence"], pairs.counts(inside)

    def rate(*kinds: str) -> PairRate:
        hits, trials = (np.sum([counts[kind][i] for kind in kinds], axis=0) for i in (0, 1))
        return rate_of_pairs(hits, trials, sure)

    mine, others = rate("same", "across"), rate("across", "other")
    yield {"metric": "fmr", **_row(mine), **_difference(mine, others, p, sure)}
    same, across = rate("same"), rate("across")
    p = same_p(pairs, inside, statistics["seed"])
    yield {"metric": "fmr_same", **_row(same), **_difference(same, across, p, sure)}
    yield {"metric": "fmr_other", **_row(across)}


def _row(rate: PairRate) -> dict[str, float]:
    return {"rate": rate.value, "ci_low": rate.interval[0], "ci_high": rate.interval[1]}


def _difference(one: PairRate, two: PairRate, p: float, confidence: float) -> dict[str, float]:
    """Return the columns of a difference; its interval holds 0 where the test says nothing."""
    variance = variance_of(one.influence - two.influence, one.once + two.once)
    people = max(int(np.count_nonzero(one.influence)) - 1, 1)
    difference = one.value - two.value
    low, high = difference_interval(difference, variance, float(people), confidence)
    if p >= 1 - confidence:
        low, high = min(low, 0.0), max(high, 0.0)
    return {"difference": difference, "difference_low": low, "difference_high": high, "p": p}


@lru_cache(maxsize=64)
def random_groups(people: int, size: int, seed: int) -> np.ndarray:
    """Return `DRAWS` random groups of so many people: float64 (DRAWS, people), 1 for who is in it.

    They are the same for all models, crops and rates.
    """
    keys = np.random.default_rng(seed).random((DRAWS, people), dtype=np.float32)
    chosen = np.argpartition(keys, size - 1, axis=1)[:, :size]
    groups = np.zeros((DRAWS, people))
    np.put_along_axis(groups, chosen, 1, axis=1)
    return groups


def same_p(pairs: Pairs, inside: np.ndarray, seed: int) -> float:
    """Return the two-sided p-value that pairs within a group are accepted as often as with others.

    inside: bool (people,). If the group meant nothing, any other people could be in it: the share
    of random groups of as many people whose difference is at least as large, (1 + hits) / (1 +
    draws).
    """
    with loading():
        from scipy.sparse import coo_array

    people, size = len(inside), int(np.count_nonzero(inside))
    groups = np.concatenate([inside[None].astype(float), random_groups(people, size, seed)])
    ones = np.ones(len(pairs.first))
    accepted = coo_array((ones, (pairs.first, pairs.second)), shape=(people, people)).tocsr()
    degree = np.bincount(pairs.first, minlength=people) + np.bincount(
        pairs.second, minlength=people
    )
    same = np.einsum("dp,dp->d", groups, (accepted @ groups.T).T)
    across = groups @ degree - 2 * same
    mine, everybody = groups @ pairs.pictures, pairs.pictures.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        within = same / ((mine**2 - groups @ pairs.pictures**2) / 2)
        apart = np.abs(within - across / (mine * (everybody - mine)))
    return float((1 + np.count_nonzero(apart[1:] >= apart[0] - 1e-12)) / (1 + DRAWS))
