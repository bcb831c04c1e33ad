"""Thresholds to take home: the score at which a pair is accepted, and what it was found on."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import pandas as pd

from facebench.evaluation.results import label, text
from facebench.protocols.pairs import wrong_pairs_of
from facebench.store.records import Record, record_id

#: What is said once of all thresholds of a study.
ABOUT = {
    "score": "cosine similarity: the inner product of two vectors of length 1, from -1 to 1",
    "rule": "Accept two pictures as one person where their score is at or above the threshold.",
    "fmr": "The most pairs of two people that are accepted, as a share of all such pairs here.",
    "holds_of": "This model, with these weights, on pictures cropped in this way, of people like"
    " these. It carries over neither to another crop nor to other people: measure it on yours.",
}
#: Keys of the record of vectors that say which model made them.
MODEL = ("family", "arch", "pretrained", "repo", "revision", "weights_sha256")


def thresholds_of(
    metrics: pd.DataFrame, outcomes: pd.DataFrame, record: Record
) -> list[dict[str, Any]]:
    """Return one mapping a rate that `verify` was asked for, in its order.

    metrics, outcomes, record: of one model, crop and data set; of the outcomes only `n_images`,
    each person's pictures, is read. What the data can't resolve has neither a threshold nor a
    share, but the reason, in `refused`.
    """
    asked = record["verify"]
    rows = {(row["metric"], row["at"]): row for row in metrics.to_dict("records")}
    first = next(iter(rows.values()))
    where = {key: str(first[key]) for key in ("dataset", "crop", "model")}
    made = {
        "confidence": asked["statistics"]["confidence"],
        "people": int(first["n_identities"]),
        "pictures": int(first["n_images"]),
        "failed": int(first["n_failed"]),
        "impostor_pairs": int(wrong_pairs_of(outcomes["n_images"].to_numpy())),
        "source": source(record),
    }
    return [
        {
            **where,
            "fmr": rate,
            **_number(rows.get(("threshold", text(rate)), {}), "threshold", ""),
            **_number(rows.get(("tar", text(rate)), {}), "tar", "tar_"),
            "refused": asked["refused"].get(label("tar", rate)),
            **made,
        }
        for rate in asked["far"]
    ]


def source(record: Record) -> dict[str, Any]:
    """Return what a threshold depends on: the model, the pictures, the commit, and its record."""
    model = {key: record["embed"][key] for key in MODEL if key in record["embed"]}
    return {
        **model,
        "pictures_sha256": record["data"].get("pictures"),
        "commit": record["verify"]["code"]["commit"],
        "record": record_id(record),
    }


def _number(row: Mapping[Any, Any], name: str, prefix: str) -> dict[str, float | None]:
    return {
        name: _known(row.get("value")),
        f"{prefix}ci_low": _known(row.get("ci_low")),
        f"{prefix}ci_high": _known(row.get("ci_high")),
    }


def _known(value: float | None) -> float | None:
    """Return a number, or None, which JSON has, for none."""
    return float(value) if value is not None and isfinite(value) else None
