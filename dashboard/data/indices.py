"""Trials of indices: what each kind finds of an exact search, how fast, and in how many bytes."""

import pandas as pd

from dashboard.data import absent, numbers

PROTOCOL = "indices"
#: Of the rows of an index as it was made, and of those at every number of probes.
MADE = ["build_seconds", "bytes"]
FOUND = ["recall1", "recall10", "recall1_lowest", "rank1", "lost", "speed_one", "speed_all"]


def measured(dataset: str, crop: str) -> pd.DataFrame:
    """Return all numbers of trials."""
    found = numbers.metrics(dataset=dataset, crop=crop, protocol=PROTOCOL)
    if found.empty:
        raise absent.absent(dataset, crop, PROTOCOL)
    return found.dropna(subset=["value"])


def settings(found: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each index and number of probes: `index`, `probes` and the metrics.

    Also `ci_low` and `ci_high` of `recall1`. An index without probes has NaN there.
    """
    parts = found["at"].str.partition("/")
    some = found.assign(index=parts[0], probes=pd.to_numeric(parts[2]))
    here = ["index", "probes"]
    table = some[some.metric.isin(FOUND) & (some["at"] != "exact")]
    wide = table.pivot_table("value", here, "metric", sort=False, dropna=False)
    wide = wide.dropna(how="all").reindex(columns=FOUND)
    bounds = table[table.metric == "recall1"].set_index(here)[["ci_low", "ci_high"]]
    made = some[some.metric.isin(MADE)].pivot_table("value", "index", "metric", sort=False)
    every = wide.join(bounds).reset_index().merge(made.reset_index(), on="index", how="left")
    order = {name: place for place, name in enumerate(dict.fromkeys(some["index"]))}
    return every.iloc[(every["index"].map(order) * 1e7 + every.probes.fillna(0)).argsort()]


def exact(found: pd.DataFrame) -> pd.Series:
    """Return the row of what an exact search finds."""
    return found[(found.metric == "rank1") & (found["at"] == "exact")].iloc[0]
