"""Verification over all pairs: TAR at fixed FAR, area under the curve, equal error rate."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from facebench.logs import LOG, log_to
from facebench.protocols.evaluation import Numbers, load, text, write_results
from facebench.protocols.verify import Verified, sample, verify
from facebench.stats.enough_data import unresolved
from facebench.stats.intervals import effective_people, rate_interval

NO_PAIRS = "No two pictures are of one person, so there is nothing to verify."


def main(
    faces: str,
    embeddings: str,
    metadata: str,
    far: Sequence[float],
    images: int,
    where: Mapping[str, str],
    statistics: Mapping[str, Any],
    outputs: Sequence[str],
) -> None:
    """Decide all pairs of at most `images` pictures; write metrics and outcomes to `outputs`."""
    pictures = load(faces, embeddings, metadata)
    chosen = sample(len(pictures.people), images, statistics["seed"])
    if len(chosen) < len(pictures.people):
        LOG.info(
            "All pairs of a random %s of the %s pictures: verify.images is the limit.",
            f"{len(chosen):,}", f"{len(pictures.people):,}",
        )  # fmt: skip
    numbers_of, people = np.unique(pictures.people[chosen], return_inverse=True)
    attempts = np.bincount(people, minlength=len(numbers_of))
    numbers = Numbers(
        protocol="verify",
        where=where,
        n_identities=len(numbers_of),
        n_images=len(chosen),
        n_failed=int(pictures.failed[chosen].sum()),
    )
    rows = pictures.rows[chosen]
    found = verify(
        pictures.embeddings, rows, people, len(numbers_of), np.asarray(far, float),
        statistics["draws"], statistics["seed"],
    )  # fmt: skip
    count(found, far, statistics["confidence"], numbers)
    outcomes = pd.DataFrame(
        {
            "identity": pictures.identities[numbers_of],
            "n_images": attempts,
            "n_failed": np.bincount(people, weights=rows < 0, minlength=len(attempts)).astype(int),
            "right_pairs": found.right_pairs,
        }
    )
    for i, rate in enumerate(far):
        outcomes[f"right_accepted@{text(rate)}"] = found.right_accepted[:, i]
        outcomes[f"wrong_accepted@{text(rate)}"] = found.wrong_accepted[:, i]
    parameters = {"far": list(far), "images": images, "statistics": dict(statistics)}
    write_results(numbers, outcomes, pictures.record, parameters, outputs)


def count(found: Verified, far: Sequence[float], confidence: float, numbers: Numbers) -> None:
    """Add the numbers, but for those that the data can't resolve."""
    effective = effective_people(found.right_pairs)
    with_pairs = float(np.count_nonzero(found.right_pairs))
    with np.errstate(invalid="ignore"):
        variance = np.nanvar(found.draws, axis=0)
    couples = numbers.n_identities * (numbers.n_identities - 1) / 2
    for i, rate in enumerate(far):
        problem = unresolved(rate, "FAR", found.wrong_pairs, couples)
        if not with_pairs:
            problem = NO_PAIRS
        values = {
            "tar": (found.tar[i], variance[i], effective),
            "tar_person": (found.tar_person[i], variance[len(far) + i], with_pairs),
        }
        for metric, (value, spread, independent) in values.items():
            if problem:
                numbers.refuse(metric, problem, at=rate)
            else:
                interval = rate_interval(value, spread, independent, confidence)
                numbers.add(metric, float(value), interval, at=rate)
        if not problem:
            numbers.add("threshold", float(found.threshold[i]), at=rate)
    for j, metric in enumerate(("auc", "eer")):
        if not with_pairs or not found.wrong_pairs:
            numbers.refuse(
                metric, NO_PAIRS if not with_pairs else "All pictures are of one person."
            )
            continue
        value = float(getattr(found, metric))
        interval = rate_interval(value, variance[2 * len(far) + j], effective, confidence)
        numbers.add(metric, value, interval)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.faces,
        snakemake.input.embeddings,
        snakemake.input.metadata,
        snakemake.params.far,
        snakemake.params.images,
        dict(snakemake.wildcards),
        snakemake.params.statistics,
        [snakemake.output.metrics, snakemake.output.outcomes],
    )
