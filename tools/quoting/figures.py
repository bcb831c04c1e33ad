"""What a figure is, in words, and its value in the results of a study.

    value|low|high DATASET CROP MODEL PROTOCOL METRIC AT   per cent, of clean pictures
    difference|difference-low|difference-high DATASET CROP PROTOCOL A B
                                                           points by which A is ahead of B
    found-clean|found|lost DATASET CROP ATTACK MODEL       per cent of protected people's searches
    people|pictures DATASET CROP, protected DATASET CROP ATTACK     how many

Several models are separated by commas, after `least` or `most`: `least value people tight a,b ...`.
"""

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pandas as pd

from facebench.errors import UserError
from facebench.store.tables import read_table


class Results:
    """The tables of a study, read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "metrics.parquet").exists():
            raise UserError(f"There is no {folder / 'metrics.parquet'}: run the study first.")
        self.folder, self.study = folder, folder.resolve().name

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the whole study."""
        return read_table(self.folder / f"{name}.parquet")

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """The numbers of clean pictures."""
        found = self.table("metrics")
        return found[(found.attack == "clean") & (found.threat == "none")]

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """The differences of every two models."""
        return self.table("comparisons")

    @cached_property
    def transfer(self) -> pd.DataFrame:
        """The effects of attacks on every model."""
        return self.table("poison-transfer")

    @cached_property
    def commit(self) -> str:
        """The commit that the numbers were made at."""
        record = json.loads(self.table("records").json.iloc[0])
        return str(record["data"]["code"]["commit"])


def value(results: Results, words: str) -> float:
    """Return the value of a figure. Raises `UserError` for one that the results don't hold."""
    kind, *rest = words.split()
    if kind in ("least", "most"):
        (place,) = [at for at, word in enumerate(rest) if "," in word]
        each = [
            " ".join([*rest[:place], one, *rest[place + 1 :]]) for one in rest[place].split(",")
        ]
        found = [value(results, one) for one in each]
        return min(found) if kind == "least" else max(found)
    try:
        found_value = KINDS[kind](results, *rest)
    except (KeyError, TypeError, IndexError) as error:
        raise UserError(f"{results.folder} holds no figure `{words}`.") from error
    return round(float(found_value), 6)


def _row(table: pd.DataFrame, **equal: str) -> pd.Series:
    for name, wanted in equal.items():
        table = table[table[name] == wanted]
    return table.iloc[0]


def _number(
    results: Results, column: str, dataset: str, crop: str, model: str, *what: str
) -> float:
    protocol, metric, *at = what
    where = {"dataset": dataset, "crop": crop, "model": model}
    row = _row(results.numbers, **where, protocol=protocol, metric=metric, at=" ".join(at))
    return 100 * float(row[column])


def _difference(
    results: Results, column: str, dataset: str, crop: str, protocol: str, a: str, b: str
) -> float:
    where = {"dataset": dataset, "crop": crop, "protocol": protocol, "variant": "clean"}
    try:
        return 100 * float(_row(results.comparisons, **where, model_a=a, model_b=b)[column])
    except IndexError:
        other = {"difference": "difference", "ci_low": "ci_high", "ci_high": "ci_low"}[column]
        return -100 * float(_row(results.comparisons, **where, model_a=b, model_b=a)[other])


def _effect(results: Results, dataset: str, crop: str, attack: str, model: str) -> pd.Series:
    where = {"dataset": dataset, "crop": crop, "attack": attack, "threat": "gallery"}
    return _row(results.transfer, **where, victim=model)


def _lost(results: Results, *where: str) -> float:
    row = _effect(results, *where)
    return 100 * (float(row.found_clean) - float(row.found))


def _most(results: Results, column: str, dataset: str, crop: str) -> float:
    numbers = results.numbers
    return float(numbers[(numbers.dataset == dataset) & (numbers.crop == crop)][column].max())


def _protected(results: Results, dataset: str, crop: str, attack: str) -> float:
    return float(_row(results.transfer, dataset=dataset, crop=crop, attack=attack).n_identities)


KINDS: dict[str, Callable[..., float]] = {
    "value": lambda results, *where: _number(results, "value", *where),
    "low": lambda results, *where: _number(results, "ci_low", *where),
    "high": lambda results, *where: _number(results, "ci_high", *where),
    "difference": lambda results, *where: _difference(results, "difference", *where),
    "difference-low": lambda results, *where: _difference(results, "ci_low", *where),
    "difference-high": lambda results, *where: _difference(results, "ci_high", *where),
    "found": lambda results, *where: 100 * float(_effect(results, *where).found),
    "found-clean": lambda results, *where: 100 * float(_effect(results, *where).found_clean),
    "lost": _lost,
    "people": lambda results, *where: _most(results, "n_identities", *where),
    "pictures": lambda results, *where: _most(results, "n_images", *where),
    "protected": _protected,
}
