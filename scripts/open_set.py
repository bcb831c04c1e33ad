"""Open-set identification: misses at the threshold that few strangers pass."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.logs import log_to
from facebench.protocols.evaluation import Numbers, load, text, write_results
from facebench.protocols.open_set import OpenSet, Searches, open_set, searches
from facebench.protocols.outcomes import search_outcomes
from facebench.stats.enough_data import unresolved
from facebench.stats.intervals import effective_people, rate_interval, rates_by_person


def main(
    faces: str,
    embeddings: str,
    metadata: str,
    enrolled: int,
    fpir: Sequence[float],
    most_rank: int,
    where: Mapping[str, str],
    statistics: Mapping[str, Any],
    outputs: Sequence[str],
) -> None:
    """Search all pictures in the galleries of two halves; write metrics and outcomes."""
    pictures = load(faces, embeddings, metadata)
    n_people = len(pictures.identities)
    done = searches(
        pictures.embeddings, pictures.rows, pictures.people, n_people, enrolled, statistics["seed"]
    )
    found = open_set(
        done, pictures.people, n_people, np.asarray(fpir, float), most_rank,
        statistics["draws"], statistics["seed"],
    )  # fmt: skip
    outcomes = search_outcomes(
        pictures, done.picture, done.rank, done.mate_score, done.other_score, done.other
    )
    outcomes.insert(2, "half", done.half)
    outcomes.insert(3, "mated", done.mated)
    numbers = Numbers(
        protocol="open_set",
        where=where,
        n_identities=outcomes["identity"][done.mated].nunique(),
        n_images=len(pictures.people),
        n_failed=int(pictures.failed.sum()),
    )
    problems = [problem(rate, done, pictures.people) for rate in fpir]
    count(found, done, pictures.people, fpir, problems, statistics["confidence"], numbers)
    add_investigation(numbers, outcomes[done.mated], statistics)

    hardest = min((r for r, p in zip(fpir, problems, strict=True) if p is None), default=None)
    correct = pd.array([None] * len(outcomes), dtype="boolean")
    if hardest is not None:
        correct[done.mated] = found.found[done.mated, list(fpir).index(hardest)]
    outcomes["correct"] = correct
    parameters = {
        "gallery": enrolled,
        "fpir": list(fpir),
        "rank": most_rank,
        "statistics": dict(statistics),
        "compared": {"metric": "tpir", "at": "" if hardest is None else text(hardest)},
    }
    write_results(numbers, outcomes, pictures.record, parameters, outputs)


def problem(rate: float, done: Searches, people: np.ndarray) -> str | None:
    """Return why this FPIR can't be measured, in a sentence, or None."""
    if not done.mated.any():
        return "Nobody who is enrolled has another picture to be searched with."
    alone = ~done.mated
    trials = min(np.count_nonzero(alone & (done.half == half)) for half in (0, 1))
    strangers = len(np.unique(people[done.picture[alone]]))
    return unresolved(rate, "FPIR", trials, strangers)


def count(
    found: OpenSet,
    done: Searches,
    people: np.ndarray,
    fpir: Sequence[float],
    problems: Sequence[str | None],
    confidence: float,
    numbers: Numbers,
) -> None:
    """Add the numbers at each FPIR, but for those that the data can't resolve."""
    effective = effective_people(np.bincount(people[done.picture[done.mated]], minlength=1))
    for i, (rate, refused) in enumerate(zip(fpir, problems, strict=True)):
        if refused:
            numbers.refuse("fnir", refused, at=rate)
            numbers.refuse("tpir", refused, at=rate)
            continue
        value, variance = float(found.fnir[i]), float(np.nanvar(found.draws[:, i]))
        low, high = rate_interval(value, variance, effective, confidence)
        numbers.add("fnir", value, (low, high), at=rate)
        numbers.add("tpir", 1 - value, (1 - high, 1 - low), at=rate)
        for half in (0, 1):
            numbers.add("threshold", float(found.thresholds[half, i]), at=f"{text(rate)}/{half}")


def add_investigation(numbers: Numbers, mated: pd.DataFrame, statistics: Mapping[str, Any]) -> None:
    """Add the share of mated searches that don't have their mate first, without any threshold."""
    if mated.empty:
        numbers.refuse("fnir_investigation", "Nobody can be searched for.", at=1)
        return
    missed = mated["rank"].to_numpy()[:, None] > 1
    ((value, interval),) = rates_by_person(missed, mated["identity"].to_numpy(str), **statistics)
    numbers.add("fnir_investigation", value, interval, at=1)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.faces,
        snakemake.input.embeddings,
        snakemake.input.metadata,
        snakemake.params.gallery,
        snakemake.params.fpir,
        snakemake.params.rank,
        dict(snakemake.wildcards),
        snakemake.params.statistics,
        [snakemake.output.metrics, snakemake.output.outcomes],
    )
