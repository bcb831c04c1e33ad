"""The vote of two models: found if either finds."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from facebench.protocols.poison.paired import Attack, Outcomes, compare, main_experiment, pairs

VOTE_COLUMNS = [
    "dataset", "crop", "attack", "model_a", "model_b", "made_on", "found_a", "found_b",
    "found_either", "found_either_clean", "gain", "ci_low", "ci_high", "n_identities",
]  # fmt: skip


def votes(
    outcomes: Outcomes,
    attacks: Mapping[str, Attack],
    controls: Sequence[str],
    statistics: Mapping[str, Any],
) -> pd.DataFrame:
    """Return one row an attack and pair of models: found if either finds the person."""
    mains = {m: main_experiment(t) for m, t in outcomes.items() if m not in controls}
    rows = []
    for name, attack in attacks.items():
        for a, b in combinations(mains, 2):
            one = pairs(mains[a][mains[a]["attack"] == name])
            other = pairs(mains[b][mains[b]["attack"] == name])
            for (_, after_a, before_a), (_, after_b, before_b) in zip(one, other, strict=True):
                after, before = either(after_a, after_b), either(before_a, before_b)
                probes = after_a["probes"]
                found = compare(after, before, probes, statistics)
                rows.append(
                    {
                        "attack": name,
                        "model_a": a,
                        "model_b": b,
                        "made_on": ", ".join(m for m in (a, b) if m in attack.surrogates),
                        "found_a": float((after_a["nearest"] / probes).mean()),
                        "found_b": float((after_b["nearest"] / probes).mean()),
                        "found_either": found["found"],
                        "found_either_clean": found["found_clean"],
                        **{key: found[key] for key in ("gain", "ci_low", "ci_high")},
                        "n_identities": found["n_identities"],
                    }
                )
    return pd.DataFrame(rows).reindex(columns=VOTE_COLUMNS)


def either(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """Return how many of each person's probes one of two models finds."""
    hits = [
        int((np.asarray(a, bool) | np.asarray(b, bool)).sum())
        for a, b in zip(one["found"], other["found"], strict=True)
    ]
    return pd.Series(hits, index=one.index)
