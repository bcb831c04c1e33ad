"""Are people protected equally? Gains by group, and the difference of each to everybody else."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.protocols.poison.measures import gain_interval
from facebench.protocols.poison.over_models import GROUP_COLUMNS, Outcomes, main_experiment, pairs
from facebench.stats.significance import holm
from facebench.timing import loading

PREFIX = "group:"


def breakdown(outcomes: Outcomes, confidence: float) -> pd.DataFrame:
    """Return one row a model, attack and group: its gain, and how it differs from all others'.

    `p` is Welch's test of the two means of people, `p_corrected` Holm's over the whole table.
    """
    rows = []
    for model, table in outcomes.items():
        for cell, part, before in pairs(main_experiment(table)):
            probes = part["probes"].to_numpy(float)
            clean = before["nearest"].to_numpy(float) / probes
            gain = clean - part["nearest"].to_numpy(float) / probes
            for column in [name for name in map(str, part) if name.startswith(PREFIX)]:
                for value in sorted(part[column].dropna().unique()):
                    inside = (part[column] == value).to_numpy(bool)
                    known = part[column].notna().to_numpy(bool)
                    low, high = gain_interval(gain[inside], confidence)
                    rows.append(
                        {
                            "model": model,
                            "attack": cell["attack"],
                            "group": column.removeprefix(PREFIX),
                            "value": value,
                            "n_identities": int(inside.sum()),
                            "found_clean": float(clean[inside].mean()),
                            "gain": float(gain[inside].mean()),
                            "ci_low": low,
                            "ci_high": high,
                            **difference(gain[inside], gain[known & ~inside], confidence),
                        }
                    )
    table = pd.DataFrame(rows)
    if rows:
        tested = table["p"].notna()
        table.loc[tested, "p_corrected"] = holm(table.loc[tested, "p"].tolist())
    return table.reindex(columns=GROUP_COLUMNS)


def difference(
    inside: Sequence[float] | np.ndarray, outside: Sequence[float] | np.ndarray, confidence: float
) -> dict[str, Any]:
    """Return the difference of two groups' means, its interval and p-value (Welch's).

    Both groups need two people; where nobody in either differs from the others, there is no test.

    >>> difference(np.zeros(3), np.zeros(3), 0.95)["p"]
    nan
    """
    with loading():
        from scipy.stats import ttest_ind

    inside, outside = np.asarray(inside, float), np.asarray(outside, float)
    nan = float("nan")
    nothing = {"difference": nan, "difference_low": nan, "difference_high": nan, "p": nan}
    if not len(inside) or not len(outside):
        return nothing
    value = {"difference": float(inside.mean() - outside.mean())}
    if min(len(inside), len(outside)) < 2 or not (inside.var() + outside.var()):
        return {**nothing, **value}
    with warnings.catch_warnings():
        # Of a group in which nobody differs; the other one's spread is enough.
        warnings.simplefilter("ignore", RuntimeWarning)
        test = ttest_ind(inside, outside, equal_var=False)
    interval = test.confidence_interval(confidence)
    return {
        **value,
        "difference_low": float(interval.low),
        "difference_high": float(interval.high),
        "p": float(test.pvalue),
    }
