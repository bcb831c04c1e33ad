"""The tables of a study that claims are tested on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

CLIP, FACES = "CLIP", "made for faces"
#: The crop with the face, and the one that is a control: what is around it.
FACE, AROUND = "tight", "background"
#: The same with as many pixels of either.
EQUAL = ("head-alone", "around-head")
#: Rank-1 of closed-set identification: the number that models are ranked by.
RANK_1 = ("identify", "rank", "1")


@dataclass(frozen=True)
class Tables:
    """metrics, comparisons, models and poison-transfer of a study, and its outcomes.

    outcomes: `outcomes(dataset, crop, model)` returns those of closed-set identification, or None.
    margin: of differences that count as none; confidence: of the intervals. fusions: what fusions
    gain over their models, where a study has some.
    """

    metrics: pd.DataFrame
    comparisons: pd.DataFrame
    models: pd.DataFrame
    transfer: pd.DataFrame | None
    outcomes: Callable[[str, str, str], pd.DataFrame | None]
    margin: float
    confidence: float
    fusions: pd.DataFrame | None = None

    @cached_property
    def clean(self) -> pd.DataFrame:
        """The numbers of clean pictures, with each model's kind, size, data and `control`."""
        found = self.metrics[(self.metrics.attack == "clean") & (self.metrics.threat == "none")]
        facts = self.models[["model", "kind", "control", "parameters_m", "data"]]
        return found.merge(facts, on="model", how="left")

    def number(
        self, protocol: str, metric: str, at: str
    ) -> Iterator[tuple[str, str, pd.DataFrame]]:
        """Yield data set, crop and the rows of a number there, a row a model."""
        same = (self.clean.protocol == protocol) & (self.clean.metric == metric)
        found = self.clean[same & (self.clean["at"] == at)].dropna(subset=["value"])
        for (dataset, crop), rows in found.groupby(["dataset", "crop"], sort=False):
            yield str(dataset), str(crop), rows

    def recognised(self, dataset: str, crop: str, rows: pd.DataFrame) -> bool:
        """Return whether the best trained CLIP of some rows finds more than every control.

        By more than the margin, with its whole interval: where all find next to nobody, that they
        are alike says nothing.
        """
        clips = trained(rows, CLIP)
        if clips.empty:
            return False
        best = str(clips.sort_values("value").model.iloc[-1])
        controls = rows[rows.control.astype(bool)].model
        found = [self.difference(dataset, crop, best, control) for control in controls]
        return all(one is not None and one.ci_low > self.margin for one in found)

    def difference(self, dataset: str, crop: str, one: str, two: str) -> pd.Series | None:
        """Return the difference in rank-1 of two models, `one` less `two`; None if not compared."""
        here = self.comparisons
        if here.empty:
            return None
        here = here[(here.dataset == dataset) & (here.crop == crop)]
        for column, value in zip(("protocol", "metric", "at"), RANK_1, strict=True):
            here = here[here[column] == value]
        for a, b, sign in ((one, two, 1), (two, one, -1)):
            found = here[(here.model_a == a) & (here.model_b == b)]
            if len(found):
                row = found.iloc[0].copy()
                low, high = (row.ci_low, row.ci_high) if sign > 0 else (-row.ci_high, -row.ci_low)
                row["difference"], row["ci_low"], row["ci_high"] = sign * row.difference, low, high
                return row
        return None


def trained(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the rows of the models of a kind that were trained."""
    return rows[(rows.kind == kind) & ~rows.control.astype(bool)]
