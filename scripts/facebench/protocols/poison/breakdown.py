"""Are people protected equally? What is protected by group, compared with everybody else's."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.protocols.poison.paired import Outcomes, hidden, main_experiment, pairs
from facebench.stats.gains import gain
from facebench.stats.permutation import labels_p
from facebench.stats.shares import difference_interval, share, share_intervals
from facebench.stats.significance import holm

PREFIX = "group:"
GROUP_COLUMNS = [
    "dataset", "crop", "model", "attack", "group", "value", "n_identities", "found_clean", "found",
    "gain", "ci_low", "ci_high", "n_found", "protected_share", "protected_low", "protected_high",
    "difference", "difference_low", "difference_high", "p", "p_corrected",
]  # fmt: skip
#: A group is compared if it, and all others together, have this many people who are found.
LEAST = 2


def breakdown(outcomes: Outcomes, statistics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a model, attack and group: what is found and what of it is protected.

    `gain` can't exceed what is found without a cloak, so what is compared with everybody else is
    `protected_share`: `difference`, with `p` by giving the labels to other people, and
    `p_corrected` by Holm over the whole table.
    """
    rows = []
    for model, table in outcomes.items():
        for cell, part, before in pairs(main_experiment(table)):
            for column in [name for name in map(str, part) if name.startswith(PREFIX)]:
                known = part[column].notna().to_numpy(bool)
                now, then = (one[known].reset_index(drop=True) for one in (part, before))
                for value in sorted(now[column].unique()):
                    group = {"group": column.removeprefix(PREFIX), "value": value}
                    inside = (now[column] == value).to_numpy(bool)
                    found = row(now, then, inside, statistics)
                    rows.append({"model": model, "attack": cell["attack"], **group, **found})
    table = pd.DataFrame(rows).reindex(columns=GROUP_COLUMNS)
    tested = table["p"].notna()
    table.loc[tested, "p_corrected"] = holm(table.loc[tested, "p"].tolist())
    return table


def row(
    part: pd.DataFrame, before: pd.DataFrame, inside: np.ndarray, statistics: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the numbers of the people `inside` a group, bool (n,), and of the others beside it."""
    searches = part["probes"].to_numpy(np.int64)
    clean, found = (one["nearest"].to_numpy() / searches for one in (before, part))
    effect = gain((clean - found)[inside], searches[inside])
    low, high = effect.interval(statistics["confidence"])
    lost = hidden(part, before) / searches
    return {
        "n_identities": int(inside.sum()),
        "found_clean": float(clean[inside].mean()),
        "found": float(found[inside].mean()),
        "gain": effect.mean,
        "ci_low": low,
        "ci_high": high,
        **compared(lost, clean, searches, inside, statistics),
    }


def compared(
    lost: np.ndarray,
    clean: np.ndarray,
    searches: np.ndarray,
    inside: np.ndarray,
    statistics: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the share of what is found that is protected, `inside` a group and less the others'.

    lost, clean: float (n,), the rates at which each person is found without a cloak, and of these
    searches those that fail with it. The interval of the difference is wide enough to hold 0 where
    the test doesn't tell the group apart.
    """
    there = clean > 0
    mine, others = inside & there, ~inside & there
    one, other = (share(lost[who], clean[who], searches[who]) for who in (mine, others))
    values: dict[str, Any] = {"n_found": int(mine.sum())}
    if one is None:
        return values
    values["protected_share"] = one.value
    sure = statistics["confidence"]
    if other is None or min(mine.sum(), others.sum()) < LEAST:
        low, high = share_intervals([one], sure)[0]
        return values | {"protected_low": low, "protected_high": high}
    (low, high), _ = share_intervals([one, other], sure)
    p = exchanged_p(lost[there], clean[there], searches[there], inside[there], statistics["seed"])
    down, up = difference_interval(one, other, sure)
    if p >= 1 - sure:
        down, up = min(down, 0.0), max(up, 0.0)
    return values | {
        "protected_low": low,
        "protected_high": high,
        "difference": one.value - other.value,
        "difference_low": down,
        "difference_high": up,
        "p": p,
    }


def exchanged_p(
    lost: np.ndarray, clean: np.ndarray, searches: np.ndarray, inside: np.ndarray, seed: int
) -> float:
    """Return the p-value that what is found is as protected `inside` a group as outside.

    Arguments as for `compared`, of people who are found. Labels are exchanged among people of whom
    about as many searches succeed without a cloak, exactly as many up to four: the shares of people
    with fewer scatter more, and a group may be found less.

    >>> lost, clean = np.array([1.0, 1, 0, 0]), np.ones(4)
    >>> round(exchanged_p(lost, clean, np.ones(4), np.array([True, True, False, False]), 0), 3)
    0.333
    """
    strata = np.rint(2 * np.log2(np.maximum(clean * searches, 1))).astype(np.int64)
    weights = np.bincount(strata, weights=clean) / np.maximum(np.bincount(strata), 1)
    return labels_p(weights[strata] * lost / clean, inside, seed, strata)
