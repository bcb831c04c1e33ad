"""What the scripts of the protocols share: reading embeddings, writing numbers and outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.faces import read_labels
from facebench.logs import LOG
from facebench.records import Record, code_version, extend, library_versions
from facebench.statistics import NO_INTERVAL, Interval
from facebench.tables import METRIC_COLUMNS, read_record, read_table, write_table


@dataclass(frozen=True)
class Pictures:
    """The n pictures that a model was given or should have been given, and what it made of them."""

    #: image_id, path, identity, name; one row a picture of somebody, copies left out.
    labels: pd.DataFrame
    #: Who each shows: int64 (n,), places in `identities`.
    people: np.ndarray
    identities: np.ndarray
    #: Each picture's row of `embeddings`, -1 if it could not be used: int64 (n,).
    rows: np.ndarray
    #: float32 (m, d), unit rows.
    embeddings: np.ndarray
    #: image_id of each row of `embeddings`.
    ids: pd.Index
    record: Record

    @property
    def failed(self) -> np.ndarray:
        """Which pictures have no embedding: bool (n,)."""
        return self.rows < 0


def load(faces: str, embeddings: str, metadata: str) -> Pictures:
    """Read the embeddings of a data set and, for the denominators, what could not be embedded.

    A picture that is a copy of another one is neither searched nor found; one of nobody in
    particular can be neither right nor wrong.
    """
    labels = read_labels(faces)
    table = read_table(metadata, columns=["image_id"])
    vectors = np.load(embeddings, mmap_mode="r")
    if len(vectors) != len(table):
        raise UserError(
            f"{embeddings} has {len(vectors):,} rows and {metadata} {len(table):,}: they are not "
            "of one run. Delete both and run again."
        )
    ids = pd.Index(table["image_id"])
    somebody = labels["identity"].fillna("") != ""
    labels = labels[(labels["status"] != "duplicate") & somebody]
    labels = labels[["image_id", "path", "identity", "name"]].reset_index(drop=True)
    people, identities = pd.factorize(labels["identity"], sort=True)
    vectors = np.ascontiguousarray(vectors, np.float32)
    if not np.isfinite(vectors).all():
        raise UserError(f"{embeddings} has numbers that are not finite: the model is broken.")
    return Pictures(
        labels=labels,
        people=people.astype(np.int64),
        identities=np.asarray(identities, dtype=object),
        rows=ids.get_indexer(labels["image_id"]).astype(np.int64),
        embeddings=vectors,
        ids=ids,
        record=read_record(metadata),
    )


@dataclass
class Numbers:
    """The rows of a metrics table, as they are found."""

    protocol: str
    #: The wildcards of the job: dataset, crop, variant, model.
    where: Mapping[str, str]
    n_identities: int
    n_images: int
    n_failed: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        metric: str,
        value: float,
        interval: Interval = NO_INTERVAL,
        at: str | float = "",
        **cell: Any,
    ) -> None:
        """Add one number; `at` is the k, FAR, FPIR or count of candidates that it is for.

        `cell`: other columns of the row, where they are not those of the whole table.
        """
        low, high = interval
        row = {"metric": metric, "at": text(at), "value": value, "ci_low": low, "ci_high": high}
        self.rows.append({**row, **cell})

    def refuse(self, metric: str, reason: str, at: str | float = "", **cell: Any) -> None:
        """Add a row without a number: the reason goes into the log and into the record."""
        self.add(metric, float("nan"), at=at, **cell)
        self.refused[f"{metric}@{text(at)}" if text(at) else metric] = reason
        LOG.info("%s: %s", metric, reason)

    def table(self, record_id: str) -> pd.DataFrame:
        """Return the rows with all columns of a metrics table."""
        same = {
            "dataset": self.where["dataset"],
            "crop": self.where["crop"],
            "model": self.where["model"],
            "protocol": self.protocol,
            "threat": "none",
            "attack": self.where["variant"],
            "fraction": 0.0,
            "reencode": "none",
            "n_identities": self.n_identities,
            "n_images": self.n_images,
            "n_failed": self.n_failed,
            "record": record_id,
        }
        return pd.DataFrame([{**same, **row} for row in self.rows], columns=METRIC_COLUMNS)


def text(at: str | float) -> str:
    """Return a value of the column `at`: text, numbers as short as they can be.

    >>> text(0.001), text(1e-6), text(100), text(100.0), text("all")
    ('0.001', '1e-06', '100', '100', 'all')
    """
    return at if isinstance(at, str) else f"{at:.12g}"


def write_results(
    numbers: Numbers,
    outcomes: pd.DataFrame,
    record: Record,
    parameters: Mapping[str, Any],
    paths: Sequence[str | Path],
    tell: bool = True,
) -> None:
    """Write the metrics and the outcomes of a protocol to the two `paths`, with their record.

    The record of the embeddings gets one step more, named like the protocol. `tell`: log them all.
    """
    from facebench.records import record_id

    full = extend(
        record,
        numbers.protocol,
        **parameters,
        refused=numbers.refused,
        libraries=library_versions("numpy", "scipy", "faiss-cpu"),
        code=code_version(),
    )
    metrics_path, outcomes_path = paths
    write_table(outcomes, outcomes_path, full)
    write_table(numbers.table(record_id(full)), metrics_path, full)
    for row in numbers.rows:
        if tell and np.isfinite(row["value"]):
            LOG.info("%s", line(row))


def line(row: Mapping[str, Any]) -> str:
    """Return one number as a line of the log.

    >>> line({"metric": "rank", "at": "1", "value": 0.5, "ci_low": 0.4, "ci_high": 0.6})
    'rank at 1: 0.5000 (0.4000 to 0.6000)'
    """
    at = f" at {row['at']}" if row["at"] else ""
    interval = (
        f" ({row['ci_low']:.4f} to {row['ci_high']:.4f})" if row["ci_low"] == row["ci_low"] else ""
    )
    return f"{row['metric']}{at}: {row['value']:.4f}{interval}"
