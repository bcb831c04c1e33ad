"""The numbers of single pictures: similarity, same photo, visible cost, detection."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.results import Numbers
from facebench.protocols.poison.experiments import NONE, variant
from facebench.protocols.poison.single_pictures import Detected, detect, moved, same_photo
from facebench.protocols.poison.variants import COSTS, Variants
from facebench.stats.intervals import (
    effective_people,
    percentiles,
    rate_interval,
    resampled_ratio,
    totals,
)
from facebench.stats.shares import mean_interval

#: The threat of a control that is no recognition: the cloaked copy is the probe for its original.
SAME_PHOTO = "same-photo"


def add_pictures(
    numbers: Numbers,
    variants: Variants,
    attack: str,
    reencoding: str,
    detector: bool,
    statistics: Mapping[str, Any],
) -> None:
    """Add what an attack does to the attacked pictures, in one re-encoding."""
    name = variant(attack, reencoding)
    where: dict[str, Any] = {"attack": attack, "reencode": reencoding, "fraction": 1.0}
    if reencoding == NONE:
        add_costs(numbers, variants.costs[attack], where)
    found = moved(variants, name, attack)
    people = len(np.unique(found.people))
    where["n_identities"] = people
    if not people:
        return
    mean = by_person(found.similarity, found.people)
    numbers.add("similarity", float(mean.mean()), _spread(mean, statistics), **where)
    places = same_photo(variants, found)
    first = by_person((places <= 1).astype(float), found.people)
    same = {**where, "threat": SAME_PHOTO}
    pictures = np.unique(found.people, return_counts=True)[1]
    interval = mean_interval(first, statistics["confidence"], pictures)
    numbers.add("same_photo", float(first.mean()), interval, at=1, **same)
    numbers.add("same_photo_median_rank", float(np.median(places)), **same)
    if detector and (said := detect(found, statistics["seed"])):
        add_detector(numbers, said, where, statistics)


def add_costs(numbers: Numbers, costs: pd.DataFrame, where: Mapping[str, Any]) -> None:
    """Add the visible change, how often the attack failed, and what became of photographs' faces.

    Over all pictures that it was given; those that it left unchanged count with a change of 0. PSNR
    is the median, since that of an unchanged picture is infinite.
    """
    people = costs["identity"].nunique() if "identity" in costs else 0
    where = {**where, "n_identities": people}
    for cost in COSTS:
        values = pd.to_numeric(costs[cost], errors="coerce").dropna()
        if len(values):
            value = values.median() if cost == "psnr" else values.mean()
            numbers.add(cost, float(value), **where)
    if len(costs):
        status = costs["attack_status"]
        numbers.add("failed_to_cloak", float((status == "failed to cloak").mean()), **where)
        numbers.add("unchanged", float((status == "unchanged").mean()), **where)
    if len(costs) and "moved" in costs:
        numbers.add("face_lost", float((costs["status"] == "no-face").mean()), **where)
        if (far := pd.to_numeric(costs["moved"], errors="coerce").dropna()).size:
            numbers.add("face_moved", float(far.mean()), **where)


def add_detector(
    numbers: Numbers, found: Detected, where: Mapping[str, Any], statistics: Mapping[str, Any]
) -> None:
    """Add how well a detector finds the cloaked half of pictures."""
    people, person = np.unique(found.people, return_inverse=True)
    hits = found.said & found.cloaked
    for metric, of in (("detector_precision", found.said), ("detector_recall", found.cloaked)):
        right = totals(hits.astype(float), person, len(people))
        all_of = totals(of.astype(float), person, len(people))
        if not all_of.sum():
            numbers.refuse(metric, "The detector calls no picture cloaked.", **where)
            continue
        value = right.sum() / all_of.sum()
        draws = resampled_ratio(
            right[:, None], all_of[:, None], statistics["draws"], statistics["seed"]
        )
        effective = effective_people(all_of)
        interval = rate_interval(
            value, float(np.nanvar(draws)), effective, statistics["confidence"]
        )  # fmt: skip
        numbers.add(metric, float(value), interval, **{**where, "n_identities": len(people)})


def by_person(values: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return each person's mean of `values` (k,): float64 (people,).

    >>> by_person(np.array([1.0, 0.0, 1.0]), np.array([4, 4, 7]))
    array([0.5, 1. ])
    """
    numbers, person = np.unique(people, return_inverse=True)
    return totals(values, person, len(numbers)) / np.bincount(person)


def _spread(values: np.ndarray, statistics: Mapping[str, Any]) -> tuple[float, float]:
    """Return the percentile interval of a mean over people, which need not be a rate."""
    draws = resampled_ratio(
        values[:, None], np.ones((len(values), 1)), statistics["draws"], statistics["seed"]
    )
    return percentiles(draws[:, 0], statistics["confidence"])
