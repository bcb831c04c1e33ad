"""How often people are named by text alone: those whose names the models read, and strangers."""

from dataclasses import dataclass

import pandas as pd

from dashboard import vocabulary
from dashboard.data import about, numbers, ranking


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


def telling() -> str:
    """Return the data set whose people's names models read; empty where none is known.

    Of strangers' names there is little to see.
    """
    return next((risk.dataset for risk in risks() if risk.known), "")


def risks() -> list[Risk]:
    """Return the risk of being named in every data set of the study that has names."""
    study = about.study()
    readers = {one.name: one.reader for one in study.datasets} if study else {}
    found = []
    for dataset in numbers.distinct("dataset", protocol="name")[: about.MOST]:
        crop = numbers.distinct("crop", dataset=dataset, protocol="name")[0]
        named = numbers.metrics(dataset=dataset, crop=crop, protocol="name", **numbers.CLEAN)
        top = hardest(named[named.metric == "top1"]).dropna(subset=["value"])
        top = ranking.with_models(top)
        top = top[~top.control].sort_values("value")
        if len(top):
            known = vocabulary.names_read(dataset, readers.get(dataset, ""))
            found.append(Risk(dataset, known, top.iloc[-1]))
    return found
