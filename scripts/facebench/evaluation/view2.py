"""LFW's View 2: are the two pictures of a listed pair of one person?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.pictures import Pictures
from facebench.evaluation.results import Numbers
from facebench.evaluation.task import Result, Task
from facebench.protocols import roc
from facebench.protocols.view2 import View2, curve_draws, histograms
from facebench.protocols.view2 import view2 as decide_folds
from facebench.stats.intervals import effective_people, pair_variance, rate_interval
from facebench.store.faces import read_labels
from facebench.store.tables import read_record, read_table

METRICS = ["accuracy", "standard_error", "auc", "eer"]


def view2(task: Task) -> Result:
    """Decide the data set's own pairs, each fold at the threshold of the others."""
    pictures, statistics = task.pictures, task.statistics
    listed = read_table(task.files["pairs"])
    table = score(listed, read_labels(task.files["faces"]), pictures)
    sides = (listed[[f"path_{side}", f"image_id_{side}"]] for side in "ab")
    seen = pd.concat([side.set_axis(["path", "id"], axis=1) for side in sides])
    seen = seen.drop_duplicates("path")
    people, codes = np.unique(table[["identity_a", "identity_b"]].to_numpy(), return_inverse=True)
    numbers = task.numbers(
        "view2",
        identities=len(people),
        images=len(seen),
        failed=int((pictures.ids.get_indexer(pd.Index(seen["id"])) < 0).sum()),
    )
    if reason := why_unusable(table):
        for metric in METRICS:
            numbers.refuse(metric, reason)
    else:
        decided = decide_folds(
            table["score"].to_numpy(), table["same"].to_numpy(), table["fold"].to_numpy()
        )
        table["threshold"] = decided.thresholds[np.unique(table["fold"], return_inverse=True)[1]]
        table["correct"] = decided.correct
        add_numbers(table, decided, codes.reshape(-1, 2).T, len(people), statistics, numbers)
    parameters = {"statistics": dict(statistics), "compared": {"metric": "accuracy", "at": ""}}
    record = {**read_record(task.files["pairs"]), **pictures.record}
    return Result(numbers, table, parameters, record)


def score(pairs: pd.DataFrame, labels: pd.DataFrame, pictures: Pictures) -> pd.DataFrame:
    """Return the pairs with their people and scores; -inf where a picture can't be used.

    Pictures are found by content, so that a pair may name a copy; people by path.
    """
    identity = labels.set_index("path")["identity"]
    table = pairs[["fold", "image_id_a", "image_id_b", "same"]].copy()
    rows = []
    for side in ("a", "b"):
        paths = pairs[f"path_{side}"]
        table[f"identity_{side}"] = identity.reindex(paths).fillna(paths.set_axis(paths)).to_numpy()
        rows.append(pictures.ids.get_indexer(pd.Index(pairs[f"image_id_{side}"])))
    first, second = rows
    table["failed"] = (first < 0) | (second < 0)
    tried = ~table["failed"].to_numpy()
    scores = np.full(len(table), -np.inf)
    scores[tried] = np.einsum(
        "nd,nd->n",
        pictures.embeddings[first[tried]].astype(float),
        pictures.embeddings[second[tried]].astype(float),
    )
    table["score"] = scores
    table["threshold"] = np.nan
    table["correct"] = pd.array([None] * len(table), dtype="boolean")
    return table


def why_unusable(table: pd.DataFrame) -> str | None:
    """Return why View 2 can't be run on these pairs, in a sentence, or None."""
    if table["fold"].nunique() < 2:
        return (
            f"View 2 takes each fold's threshold from the other folds; this list of "
            f"{len(table):,} pairs has {table['fold'].nunique()}."
        )
    if table["same"].nunique() < 2:
        return "View 2 needs pairs of one person and pairs of two; this list has one kind only."
    sides = [
        table[["fold", f"identity_{side}"]].set_axis(["fold", "identity"], axis=1) for side in "ab"
    ]
    folds = pd.concat(sides).groupby("identity")["fold"].nunique()
    if (folds > 1).any():
        return (
            f"View 2 needs folds that share nobody: {folds[folds > 1].index[0]} and"
            f" {int((folds > 1).sum()) - 1:,} others are in several."
        )
    return None


def add_numbers(
    table: pd.DataFrame,
    decided: View2,
    codes: np.ndarray,
    people: int,
    statistics: Mapping[str, Any],
    numbers: Numbers,
) -> None:
    """Add the numbers of decided pairs; `codes` (2, n) are the numbers of their people."""
    first, second = codes
    confidence = statistics["confidence"]
    effective = effective_people(np.bincount(codes.ravel(), minlength=people))
    accuracy = decided.accuracy
    # The second is the variance between folds, each of which has a threshold of its own.
    variance = max(
        pair_variance(decided.correct - accuracy, first, second), decided.standard_error**2
    )
    numbers.add("accuracy", accuracy, rate_interval(accuracy, variance, effective, confidence))
    numbers.add("standard_error", decided.standard_error)
    scores, same = table["score"].to_numpy(), table["same"].to_numpy()
    counts = histograms(scores, same, np.ones(len(table)))
    draws = curve_draws(
        scores, same, first, second, people, statistics["draws"], statistics["seed"]
    )
    values = {"auc": roc.auc(*counts), "eer": roc.eer(*counts)}
    for (metric, value), sample in zip(values.items(), draws, strict=True):
        interval = rate_interval(float(value), float(np.nanvar(sample)), effective, confidence)
        numbers.add(metric, float(value), interval)
