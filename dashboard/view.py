"""What a page was asked to show."""

from dataclasses import dataclass, field

import pandas as pd

from dashboard.safe_text import file_name
from facebench.report.headlines import Headline


@dataclass(frozen=True)
class View:
    """A data set and a crop, their numbers, and on some pages the models and their headline.

    numbers: those of clean pictures, or of the experiments with attacks.
    """

    dataset: str
    crop: str
    numbers: pd.DataFrame
    models: list[str] = field(default_factory=list)
    headline: Headline | None = None

    @property
    def file(self) -> str:
        """The part that names of downloads have in common."""
        return file_name(self.dataset, self.crop)
