"""How often people are named by text alone: those whose names the models read, and strangers."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dashboard.data import numbers, people, ranking, settings
from dashboard.data.freshness import cached_until_changed, track
from dashboard.data.missing import Missing


@dataclass(frozen=True)
class Risk:
    """The model that names most people of a data set, and how many.

    known: whether the models read these people's names in training; None where that isn't known.
    number: a row of the metrics.
    """

    dataset: str
    known: bool | None
    number: pd.Series


def hardest(named: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of naming among the names that are hardest to tell apart."""
    at = "all read" if (named["at"] == "all read").any() else "all"
    return named[named["at"] == at]


def risks() -> list[Risk]:
    """Return the risk of being named in every data set of the study that has names."""
    found = []
    for dataset in numbers.distinct("dataset", protocol="name"):
        crop = numbers.distinct("crop", dataset=dataset, protocol="name")[0]
        named = numbers.metrics(dataset=dataset, crop=crop, protocol="name", **numbers.CLEAN)
        top = hardest(named[named.metric == "top1"]).dropna(subset=["value"])
        top = ranking.with_models(top)
        top = top[~top.control].sort_values("value")
        if len(top):
            found.append(Risk(dataset, read_by_models(dataset), top.iloc[-1]))
    return found


@cached_until_changed(most=20)
def read_by_models(dataset: str) -> bool | None:
    """Return whether the models read the names of most people of a data set in training.

    None where no model says which names it read.
    """
    try:
        read = _names_read()
        called = set(people.names(dataset))
    except Missing:
        return None
    return len(called & read) > len(called) / 2 if read and called else None


def _names_read() -> set[str]:
    """Return the names that the study's models read: lists that the registry names."""
    listed = settings.section("models")
    names: set[str] = set()
    for model in numbers.distinct("model"):
        spec = listed.get(model)
        place = spec.get("names_read") if isinstance(spec, dict) else None
        path = settings.CHECKOUT / str(place)
        if place and track(path):
            names |= _lines(path)
    return names


def _lines(path: Path) -> set[str]:
    try:
        return {line.strip() for line in path.read_text(encoding="utf-8").splitlines()}
    except (OSError, ValueError) as error:
        raise Missing(f"{path.name} can't be read.", "") from error
