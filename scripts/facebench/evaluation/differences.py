"""What two models are compared by: the outcomes of a protocol, made ready for their difference."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.outcomes import freed
from facebench.protocols.open_set import Searches as OpenSearches
from facebench.protocols.open_set import open_set
from facebench.stats import differences
from facebench.stats.differences import Difference, Searches

#: Columns that identify a search, or a pair.
KEYS = [
    "image_id", "gallery", "halving", "half", "image_id_a", "image_id_b", "identity",
    "identity_a", "identity_b",
]  # fmt: skip

#: From two models' names to their difference.
Compared = Callable[[str, str], Difference]


def by_searches(tables: Mapping[str, pd.DataFrame], confidence: float) -> Compared:
    """Return the differences of models in searches of people.

    tables: by model, the rows of its outcomes that are compared; all of the same searches.
    """
    found = {model: _searches(table) for model, table in tables.items()}
    return lambda one, two: differences.of_searches(found[one], found[two], confidence)


def by_pairs(tables: Mapping[str, pd.DataFrame], confidence: float) -> Compared:
    """Return the differences of models in listed pairs, some of which share a person."""
    first = next(iter(tables.values()))
    both = first[["identity_a", "identity_b"]].to_numpy(str)
    _, codes = np.unique(both, return_inverse=True)
    a, b = codes.reshape(-1, 2).T
    right = {model: table["correct"].to_numpy(float) for model, table in tables.items()}
    return lambda one, two: differences.of_pairs(right[one], right[two], a, b, confidence)


def by_thresholds(
    tables: Mapping[str, pd.DataFrame],
    confidence: float,
    *,
    everything: Mapping[str, pd.DataFrame],
    parameters: Mapping[str, Any],
) -> Compared:
    """Return the differences of models in mated searches at a threshold.

    everything: the whole outcomes, with the searches of strangers that make the thresholds;
    parameters: what the record says of the protocol. Each model's hits are counted again in every
    draw of people, at the thresholds of that draw.
    """
    found = {model: _searches(table) for model, table in tables.items()}
    hits = {model: _hits(table, parameters) for model, table in everything.items()}
    return lambda one, two: differences.of_draws(
        found[one], found[two], hits[one], hits[two], confidence
    )


def method(
    protocol: str, tables: Mapping[str, pd.DataFrame], parameters: Mapping[str, Any]
) -> Compared:
    """Return how two models are compared by the outcomes `tables` of a protocol.

    Rows without `correct` are of searches that can't succeed.
    """
    compared = {
        model: table[table["correct"].notna()].reset_index(drop=True)
        for model, table in tables.items()
    }
    methods: dict[str, Callable[..., Compared]] = {
        "view2": by_pairs,
        "open_set": partial(by_thresholds, everything=tables, parameters=parameters),
    }
    confidence = parameters["statistics"]["confidence"]
    return methods.get(protocol, by_searches)(compared, confidence)


def _searches(table: pd.DataFrame) -> Searches:
    """Return the compared searches of a model; only closed galleries say who stood in the way."""
    other, gain = np.full(len(table), "", object), np.zeros((len(table), 1))
    if "gallery" in table:
        other, gain = freed(table)
    who = table["identity"].to_numpy(object)
    return Searches(table["correct"].to_numpy(float), who, other, gain)


def _hits(table: pd.DataFrame, parameters: Mapping[str, Any]) -> np.ndarray:
    """Return TPIR at the compared FPIR in every draw over people: float64 (draws,)."""
    people, person = np.unique(table["identity"].to_numpy(str), return_inverse=True)
    done = OpenSearches(
        picture=np.arange(len(table)),
        halving=table["halving"].to_numpy(),
        half=table["half"].to_numpy(),
        mated=table["mated"].to_numpy(bool),
        rank=table["rank"].to_numpy(float),
        mate_score=table["mate_score"].to_numpy(float),
        other_score=table["other_score"].to_numpy(float),
        other=np.full(len(table), -1),
    )
    at = parameters["compared"]["at"]
    statistics = parameters["statistics"]
    found = open_set(
        done, person, len(people), np.array([float(at)] if at else []), parameters["rank"],
        statistics["draws"], statistics["seed"],
    )  # fmt: skip
    return 1 - found.draws.ravel()
