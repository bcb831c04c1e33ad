"""The headline numbers of a model: the columns of the summary, in order of reading."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Headline:
    """One column: a metric of a protocol, at a fixed point or at the hardest one resolved."""

    label: str
    protocol: str
    metric: str
    #: `at` of the row to show; None: the smallest rate that every model could resolve.
    at: str | None = None


RANK_1 = Headline("rank-1", "identify", "rank", "1")

HEADLINES = [
    RANK_1,
    Headline("nearest neighbour", "neighbour", "rank", "1"),
    Headline("LFW View 2", "view2", "accuracy", ""),
    Headline("TAR at FAR {at}", "verify", "tar"),
    Headline("FNIR at FPIR {at}", "open_set", "fnir"),
    Headline("naming top-1 of {at}", "name", "top1", "all"),
]


def rows(metrics: pd.DataFrame, headline: Headline) -> pd.DataFrame:
    """Return the rows of `metrics` that are this headline's, one a model; none if not measured."""
    found = metrics[(metrics.protocol == headline.protocol) & (metrics.metric == headline.metric)]
    if headline.at is not None:
        return found[found["at"] == headline.at]
    refused = set(found[found.value.isna()]["at"])
    resolved = sorted(set(found["at"]) - refused, key=float)
    return found[found["at"] == resolved[0]] if resolved else found.iloc[:0]
