"""What the study on show is about: its people, its models, and the program that measured it."""

from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from dashboard.data import files, freshness, numbers, places, ranking
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.store import layout
from facebench.store.layout import CLEAN

#: As many data sets are told in words.
MOST = 4


@dataclass(frozen=True)
class Dataset:
    """A data set of a study. reader: empty where no record says it.

    alone: whether its people are searched for among each other, and not only among decoys.
    """

    name: str
    reader: str
    people: int
    pictures: int
    alone: bool = True

    @property
    def rendered(self) -> bool:
        """Whether its people don't exist."""
        from facebench.datasets import READERS

        return self.reader in READERS and READERS[self.reader].rendered


@dataclass(frozen=True)
class Study:
    """A study. models: model, kind, control, parameters_m, data. commits: of the program.

    datasets: the first ones; more: how many there are besides.
    """

    name: str
    datasets: list[Dataset]
    more: int
    models: pd.DataFrame
    commits: list[str] = field(default_factory=list)
    made: datetime | None = None


def study() -> Study | None:
    """Return what the study on show is about; None where its numbers can't be read.

    Pages say themselves why they can't: this must not say it once more on each.
    """
    try:
        return _study()
    except Missing:
        return None


@cached_until_changed(most=8)
def _study() -> Study:
    found, commits = [], []
    names = numbers.distinct("dataset")
    for name in names[:MOST]:
        rows = numbers.metrics(dataset=name)
        row = rows.iloc[0]
        record = _record(row.record)
        reader = str(files.inside(record, "data").get("reader") or "")
        commits.append(str(files.inside(record, row.protocol, "code").get("commit") or ""))
        # In experiments with attacks, other data sets' people join the gallery.
        own = rows[rows.attack == CLEAN]
        alone = len(own) > 0
        pictures = _most(own.n_images) if alone else _listed(name) or _most(rows.n_images)
        people = _most((own if alone else rows).n_identities)
        found.append(Dataset(name, reader, people, pictures, alone))
    models = ranking.with_models(pd.DataFrame({"model": numbers.distinct("model")}))
    stamp = freshness.track(places.study_folder() / places.METRICS)
    made = datetime.fromtimestamp(stamp[0] / 1e9) if stamp else None
    more = len(names) - len(found)
    return Study(places.study(), found, more, models, [*dict.fromkeys(filter(None, commits))], made)


def _record(number: str) -> dict:
    try:
        return numbers.record(number)
    except Missing:
        return {}


def _listed(dataset: str) -> int:
    """Return how many pictures a data set has that can be used; 0 where its list isn't there."""
    try:
        status = files.table(layout.images(dataset), ["status"]).column("status")
    except Missing:
        return 0
    return sum(one == "ok" for one in status.to_pylist())


def _most(counts: pd.Series) -> int:
    return 0 if counts.empty else int(counts.max())
