"""Is a model as often right as it is sure? Calibration of what pictures are called."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from facebench.evaluation.results import Numbers
from facebench.protocols.confidence import Called, calibration_error, equal_bins
from facebench.stats.intervals import difference_interval, identity_draws, percentiles
from facebench.stats.person_rates import rates_by_person, spread_of

#: Fewer pictures than these a bin, and its share says nothing.
LEAST = 10


def add_calibration(
    numbers: Numbers,
    found: Called,
    people: np.ndarray,
    bins: int,
    statistics: Mapping[str, Any],
) -> None:
    """Add the calibration error, how much too sure the model is, and the curve, a bin a point.

    people: int (n,), whose the pictures are. Pictures that could not be used are called nothing,
    and take no part.
    """
    n, right = len(people), (found.rank <= 1).astype(float)
    if n < LEAST * bins:
        sentence = (
            f"{n:,} pictures are fewer than {LEAST} for each of {bins} bins: lower"
            " open_set_by_name.bins."
        )
        for metric in ("calibration_error", "overconfidence"):
            numbers.refuse(metric, sentence)
        return
    error = float(calibration_error(found.confidence, right, bins, np.ones((1, n)))[0])
    draws = drawn_errors(found.confidence, right, people, bins, statistics)
    low, high = percentiles(draws, statistics["confidence"])
    # The error of a sample has that of noise in it, and that of a draw as much once more.
    value, low, high = (max(0.0, 2 * error - end) for end in (float(np.mean(draws)), high, low))
    numbers.add("calibration_error", value, (low, high))
    numbers.add("calibration_error_uncorrected", error)
    gap = (found.confidence - right)[:, None]
    known, effective = spread_of(gap, people)
    difference = float(gap.mean())
    numbers.add(
        "overconfidence",
        difference,
        difference_interval(
            difference, float(known.variance[0]), min(effective - 1, float(known.freedom[0])),
            statistics["confidence"],
        ),
        largest=float(known.largest[0]),
    )  # fmt: skip
    place = equal_bins(found.confidence, bins)
    for number in range(bins):
        here = place == number
        numbers.add("bin_confidence", float(found.confidence[here].mean()), at=number + 1)
        ((share, interval, _),) = rates_by_person(
            right[here, None], people[here], statistics["confidence"]
        )
        numbers.add("bin_right", share, interval, at=number + 1)


def drawn_errors(
    confidence: np.ndarray,
    right: np.ndarray,
    people: np.ndarray,
    bins: int,
    statistics: Mapping[str, Any],
) -> np.ndarray:
    """Return the calibration error in every draw of people: float64 (draws,)."""
    codes, person = np.unique(people, return_inverse=True)
    cells = max(1, 2**22 * len(codes) // len(people))
    return np.concatenate(
        [
            calibration_error(confidence, right, bins, weights[:, person])
            for weights in identity_draws(
                len(codes), statistics["draws"], statistics["seed"], cells
            )
        ]
    )
