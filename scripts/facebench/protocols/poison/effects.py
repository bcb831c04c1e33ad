"""Every experiment tested: what a cloak changes, and whether a control changes next to nothing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.protocols.poison.by_person import KEYS
from facebench.protocols.poison.measures import CLASSIFIERS
from facebench.protocols.poison.paired import Attack, Outcomes, compare, pairs
from facebench.stats.equivalence import equivalence
from facebench.stats.gains import gain
from facebench.stats.significance import holm

EFFECT_COLUMNS = [
    "dataset", "crop", "model", *KEYS, "classifier", "found_clean", "found", "gain",
    "ci_low", "ci_high", "p", "p_corrected", "equivalent_margin", "p_equivalent", "n_identities",
]  # fmt: skip


def effects(
    outcomes: Outcomes,
    attacks: Mapping[str, Attack],
    margin: float,
    statistics: Mapping[str, Any],
) -> pd.DataFrame:
    """Return one row a model, experiment and classifier: what the cloak changes, tested.

    `gain` is how many fewer are found than of the same people without it, `p` by flipping signs of
    people, `p_corrected` by Holm over the whole table. `p_equivalent`, of controls: that the gain
    is as large as `margin` in either direction.
    """
    rows = []
    for model, table in outcomes.items():
        for cell, part, before in pairs(table):
            control = cell["attack"] in attacks and attacks[cell["attack"]].control
            for name in CLASSIFIERS:
                if name not in part or part[name].isna().any():
                    continue
                found = compare(part[name], before[name], part["probes"], statistics)
                if control:
                    found["equivalent_margin"] = margin
                    found["p_equivalent"] = next_to_nothing(
                        (before[name] - part[name]) / part["probes"], part["probes"], margin
                    )
                rows.append({"model": model, **cell, "classifier": name, **found})
    table = pd.DataFrame(rows)
    if rows:
        table["p_corrected"] = holm(table["p"].tolist())
    return table.reindex(columns=EFFECT_COLUMNS)


def next_to_nothing(gains: pd.Series, searches: pd.Series, margin: float) -> float:
    """Return the p-value that a gain is `margin` or more, in either direction (NaN for a person).

    >>> nobody, ten = pd.Series(np.zeros(60)), pd.Series(np.full(60, 10))
    >>> round(next_to_nothing(nobody, ten, margin=0.05), 3)
    0.01
    """
    effect = gain(gains.to_numpy(float), searches.to_numpy(np.int64))
    if effect.people < 2:
        return float("nan")
    errors = effect.error(-margin), effect.error(margin)
    return equivalence(effect.mean, errors, margin, freedom=effect.people - 1).p
