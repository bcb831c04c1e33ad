"""The headline numbers of a model: columns of the summary, and choices in the dashboard."""

from dataclasses import dataclass, replace

import pandas as pd

#: Of fewer people than these, a study says that they tell little.
FEW_PEOPLE = 10


@dataclass(frozen=True)
class Headline:
    """A metric of a protocol, at a fixed point or at the hardest one that the data resolve.

    label: heading of a column. title and explained: for readers who don't know the protocol.
    `{at}` in them stands for the point.
    """

    label: str
    protocol: str
    metric: str
    #: `at` of the row to show; None: the smallest rate that every model could resolve.
    at: str | None = None
    title: str = ""
    explained: str = ""
    lower_is_better: bool = False

    @property
    def key(self) -> str:
        """A name for addresses.

        >>> RANK_1.key
        'identify:rank:1'
        """
        return ":".join((self.protocol, self.metric, self.at or ""))

    def at_point(self, at: str) -> "Headline":
        """Return this headline at a point, with the point in its texts."""
        said = "all names" if at == "all" else at
        label, title = self.label.format(at=at), self.title.format(at=said)
        return replace(self, at=at, label=label, title=title)


RANK_1 = Headline(
    "rank-1",
    "identify",
    "rank",
    "1",
    title="Found first (rank-1)",
    explained="A photograph is searched in a gallery with one photograph of each person. How often"
    " is the first hit the right person?",
)

HEADLINES = [
    RANK_1,
    Headline(
        "nearest neighbour",
        "neighbour",
        "rank",
        "1",
        title="Nearest picture is of the same person",
        explained="Every photograph is searched among all others. How often is the nearest one of"
        " the same person? People with many pictures are found more easily.",
    ),
    Headline(
        "LFW View 2",
        "view2",
        "accuracy",
        "",
        title="LFW View 2 accuracy",
        explained="Same person or not, on the pairs that LFW lists. Half of them are, so guessing"
        " gives 50 %.",
    ),
    Headline(
        "TAR at FAR {at}",
        "verify",
        "tar",
        title="True accept rate at a false accept rate of {at}",
        explained="Share of the pairs of one person that are accepted, at a threshold that accepts"
        " only the given share of the pairs of two people.",
    ),
    Headline(
        "FNIR at FPIR {at}",
        "open_set",
        "fnir",
        title="Missed in the open set at a false alarm rate of {at}",
        explained="Share of the searches for enrolled people that fail, at a threshold at which"
        " only the given share of the searches of strangers return anybody. Lower is better"
        " recognition.",
        lower_is_better=True,
    ),
    Headline(
        "naming top-1 among names read",
        "name",
        "top1",
        "all read",
        title="Right name first among names read in training",
        explained="How often is the right name the best match for a photograph, by text alone? The"
        " wrong names are of people whom the models read about in training.",
    ),
    Headline(
        "naming top-1 among invented names",
        "name",
        "top1",
        "all",
        title="Right name first among invented names",
        explained="How often is the right name the best match for a photograph, by text alone? The"
        " wrong names are invented: easier than names that the models read.",
    ),
    Headline(
        "one entry first",
        "hubs",
        "one_entry",
        "1",
        title="One entry slipped into the index comes first",
        explained="Somebody who can write to the index adds one entry that is like as many people"
        " as possible. In which share of the searches with photographs of others does it come"
        " first? Lower is a safer index.",
        lower_is_better=True,
    ),
    Headline(
        "one entry first for names",
        "hubs_by_name",
        "one_entry",
        "1",
        title="One entry slipped into the index comes first for names",
        explained="The same where the index of photographs is searched by names, as text.",
        lower_is_better=True,
    ),
]


def rows(metrics: pd.DataFrame, headline: Headline) -> pd.DataFrame:
    """Return the rows of `metrics` that are this headline's, one a model; none if not measured."""
    found = metrics[(metrics.protocol == headline.protocol) & (metrics.metric == headline.metric)]
    if headline.at is not None:
        return found[found["at"] == headline.at]
    refused = set(found[found.value.isna()]["at"])
    resolved = sorted(set(found["at"]) - refused, key=float)
    return found[found["at"] == resolved[0]] if resolved else found.iloc[:0]


def measured(metrics: pd.DataFrame) -> list[Headline]:
    """Return the headlines that `metrics` have a value for, each at its point."""
    found = []
    for headline in HEADLINES:
        values = rows(metrics, headline)
        if len(values) and values.value.notna().any():
            found.append(headline.at_point(values["at"].iloc[0]))
    return found
