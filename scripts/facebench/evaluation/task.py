"""The input and the result of a protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from facebench.evaluation.pictures import Pictures
from facebench.evaluation.results import Numbers
from facebench.store.layout import VectorFiles
from facebench.store.records import Record


@dataclass(frozen=True)
class Task:
    """One model's vectors of one crop of a data set, and the settings of a protocol."""

    pictures: Pictures
    #: dataset, crop and model.
    where: Mapping[str, str]
    #: The protocol's section of the configuration.
    options: Mapping[str, Any]
    #: How intervals are made: draws, confidence, seed.
    statistics: Mapping[str, Any]
    #: Paths: `faces`, and where the protocol needs them `pairs`, `names`, `index`.
    files: Mapping[str, str]
    #: Clean vectors of other data sets, by name, whose people are strangers.
    strangers: Mapping[str, VectorFiles] = field(default_factory=dict)
    #: The text vectors of their names, where the protocol needs them: paths.
    strangers_names: Mapping[str, str] = field(default_factory=dict)
    #: Lists of some of the pictures, by name: paths of text files.
    lists: Mapping[str, str] = field(default_factory=dict)

    def numbers(self, protocol: str, *, identities: int, images: int, failed: int) -> Numbers:
        """Return a table of numbers without rows; each row will carry these counts."""
        return Numbers(
            protocol=protocol,
            where=self.where,
            n_identities=identities,
            n_images=images,
            n_failed=failed,
        )


@dataclass(frozen=True)
class AttackTask:
    """The clean, attacked and re-encoded vectors of one crop under one model, and the settings."""

    clean: VectorFiles
    variants: Mapping[str, VectorFiles]
    #: Clean vectors of other data sets, by name, whose people join the gallery.
    decoys: Mapping[str, VectorFiles]
    #: The data set's table of pictures, and the text vectors of its names where a model has them.
    images: str
    names: str
    attacks: Sequence[str]
    reencodings: Sequence[str]
    #: The section `poison` of the configuration.
    options: Mapping[str, Any]
    where: Mapping[str, str]
    statistics: Mapping[str, Any]
    #: The section `hubs`.
    hubs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The numbers of a protocol, one row of outcomes for every search, and what they depend on."""

    numbers: Numbers
    outcomes: pd.DataFrame | pa.Table
    parameters: Mapping[str, Any]
    record: Record
