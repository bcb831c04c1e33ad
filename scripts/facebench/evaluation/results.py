"""Numbers as rows of a table, and writing them with their outcomes and their record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from facebench.logs import LOG
from facebench.stats.intervals import NO_INTERVAL, Interval
from facebench.stats.person_rates import MOST_OF_ONE
from facebench.store.layout import CLEAN
from facebench.store.records import code_version, extend, library_versions, record_id
from facebench.store.tables import METRIC_COLUMNS, write_table

if TYPE_CHECKING:
    from facebench.evaluation.task import Result


@dataclass
class Numbers:
    """The rows of a metrics table, as they are added."""

    protocol: str
    #: dataset, crop and model.
    where: Mapping[str, str]
    n_identities: int
    n_images: int
    n_failed: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    #: Which numbers one person decides: the share of the variance, 0 to 1, by `metric@at`.
    decided_by_one: dict[str, float] = field(default_factory=dict)

    def add(
        self,
        metric: str,
        value: float,
        interval: Interval = NO_INTERVAL,
        at: str | float = "",
        largest: float = 0.0,
        **cell: Any,
    ) -> None:
        """Add one number; `at` is the k, FAR, FPIR or count of candidates that it is for.

        largest: share of the variance that one person carries; a large one is logged and recorded.
        `cell`: columns in which the row differs from the rest of the table.
        """
        if largest > MOST_OF_ONE:
            self.decided_by_one[label(metric, at)] = round(largest, 3)
            LOG.info(
                "%s: one person carries %.0f %% of its variance; few people decide it.",
                label(metric, at), 100 * largest,
            )  # fmt: skip
        low, high = interval
        row = {"metric": metric, "at": text(at), "value": value, "ci_low": low, "ci_high": high}
        self.rows.append({**row, **cell})

    def refuse(self, metric: str, reason: str, at: str | float = "", **cell: Any) -> None:
        """Add a row without a number: the reason goes into the log and into the record."""
        self.add(metric, float("nan"), at=at, **cell)
        self.refused[label(metric, at)] = reason
        LOG.info("%s: %s", metric, reason)

    def table(self, record_id: str) -> pd.DataFrame:
        """Return the rows with all columns of a metrics table."""
        same = {
            "dataset": self.where["dataset"],
            "crop": self.where["crop"],
            "model": self.where["model"],
            "protocol": self.protocol,
            "threat": "none",
            "attack": CLEAN,
            "fraction": 0.0,
            "reencode": "none",
            "n_identities": self.n_identities,
            "n_images": self.n_images,
            "n_failed": self.n_failed,
            "record": record_id,
        }
        return pd.DataFrame([{**same, **row} for row in self.rows], columns=METRIC_COLUMNS)


def label(metric: str, at: str | float) -> str:
    """Return the name of a number in logs and records.

    >>> label("tar", 0.001), label("auc", "")
    ('tar@0.001', 'auc')
    """
    return f"{metric}@{text(at)}" if text(at) else metric


def text(at: str | float) -> str:
    """Return a value of the column `at`: text, numbers in their shortest form.

    >>> text(0.001), text(1e-6), text(100), text(100.0), text("all")
    ('0.001', '1e-06', '100', '100', 'all')
    """
    return at if isinstance(at, str) else f"{at:.12g}"


def write_results(
    result: "Result",
    *,
    metrics: str,
    outcomes: str,
    code: str = "",
    key: str = "",
    tell: bool = True,
) -> None:
    """Write the numbers and the outcomes of a protocol, with their record.

    The record of the vectors gets one step more, named like the protocol. code: the hash of the
    sources that made them, key: that of all they depend on (`facebench.store.keys`). tell: log
    every number.
    """
    numbers = result.numbers
    full = extend(
        result.record,
        numbers.protocol,
        **result.parameters,
        refused=numbers.refused,
        decided_by_one=numbers.decided_by_one,
        libraries=library_versions("numpy", "scipy", "faiss-cpu"),
        code=code_version(code),
    )
    write_table(result.outcomes, outcomes, full, key=key)
    write_table(numbers.table(record_id(full)), metrics, full, key=key)
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
