"""Outcomes of searches, one row each, and the numbers made from them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.pictures import Pictures
from facebench.evaluation.results import Numbers
from facebench.protocols.open_set import Searches
from facebench.protocols.ranks import Ranks
from facebench.stats.person_rates import rates_by_person


def search_outcomes(
    pictures: Pictures, probes: np.ndarray, found: Ranks | Searches
) -> pd.DataFrame:
    """Return one row a search with the pictures `probes`.

    `other_id` is the best picture of another person, `other_identity`. Without one, or without a
    mate, the score is -inf; the rank of a mate that isn't found is inf.
    """
    ids = np.array([*pictures.labels["image_id"], None], dtype=object)
    whose = np.array([*pictures.identities[pictures.people], None], dtype=object)
    return pd.DataFrame(
        {
            "image_id": ids[probes],
            "identity": pictures.identities[pictures.people[probes]],
            "failed": pictures.failed[probes],
            "rank": found.rank,
            "mate_score": found.mate_score,
            "other_score": found.other_score,
            "other_id": pd.array(ids[found.other], dtype="str"),
            "other_identity": pd.array(whose[found.other], dtype="str"),
        }
    )


def add_ranks(
    numbers: Numbers,
    outcomes: pd.DataFrame,
    ranks: Sequence[int],
    statistics: Mapping[str, Any],
    nobody: str,
) -> None:
    """Add the share of searches with a mate within each of `ranks`, and the mean precision.

    Without any search all of them are refused with the sentence `nobody`; they are also refused
    where nobody else could have been found, which would make any model perfect.
    """
    alone = outcomes["other_id"].isna().all() and not outcomes["failed"].all()
    if outcomes.empty or alone:
        reason = nobody if outcomes.empty else "All pictures that can be found are of one person."
        for k in ranks:
            numbers.refuse("rank", reason, at=k)
        numbers.refuse("map", reason)
        return
    within = outcomes["rank"].to_numpy()[:, None] <= np.asarray(ranks)
    results = np.column_stack([within, outcomes["precision"]])
    other, first = freed(outcomes)
    gain = np.zeros_like(results)
    gain[:, [i for i, k in enumerate(ranks) if k == 1]] = first
    who = outcomes["identity"].to_numpy(object)
    shares = rates_by_person(results, who, statistics["confidence"], other, gain)
    for k, (share, interval, largest) in zip(ranks, shares, strict=False):
        numbers.add("rank", share, interval, at=k, largest=largest)
    numbers.add("map", shares[-1].value, shares[-1].interval)


def freed(outcomes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return who was found instead in each search, and what it gains without that person.

    object (n,), "" for nobody; float64 (n, 1): 0.5 where a single picture came before the mate. Two
    people have a part in that, so each gets half of it: all of it for both would count it twice.
    """
    other = outcomes["other_identity"].to_numpy(object, na_value="")
    return other, (outcomes["rank"].to_numpy() == 2)[:, None] / 2
