"""The numbers of identity inference."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from facebench.evaluation.results import Numbers, text
from facebench.protocols.identity_inference import dealt, right_templates
from facebench.protocols.membership import inferred, told_apart
from facebench.stats.enough_data import why_unmeasurable
from facebench.stats.intervals import rate_interval
from facebench.stats.person_rates import rates_by_person

NOBODY = "No person has a name and as many pictures as identity_inference.pictures asks for."
NO_MEMBERS = (
    "Of fewer than 2 people here it is known that the model read their names: its list names_read"
    " has none of them."
)
NO_OTHERS = (
    "Of fewer than 2 people it is known that no model read their names: name data sets of such"
    " people in identity_inference.never_read."
)
NO_INVENTED = "No name is invented: raise name.distractors above the number of people."
#: Choices of the names that are dealt at random, of which the control is the mean.
DEALS = 20


class Judged(NamedTuple):
    """People, and what is known of them: of some, neither."""

    #: Whose names the model read, and whose it never read: bool (people,)
    members: np.ndarray
    others: np.ndarray

    def why_not(self) -> str | None:
        """Return why members can't be told from others, in a sentence, or None."""
        if self.members.sum() < 2:
            return NO_MEMBERS
        return NO_OTHERS if self.others.sum() < 2 else None


def add_inferred(
    numbers: Numbers,
    voted: np.ndarray,
    truth: np.ndarray,
    pool: str,
    options: Mapping[str, Any],
    statistics: Mapping[str, Any],
) -> None:
    """Add the share of people who are inferred, what it is by chance, and the control.

    voted: int (people, templates), as of `facebench.protocols.identity_inference.votes`; truth: int
    (people,). The control is the mean over `DEALS` permutations of the names.
    """
    random, who = np.random.default_rng(statistics["seed"]), np.arange(len(truth)).astype(str)
    deals = [random.permutation(truth) for _ in range(DEALS)]
    for least in options["least"]:
        at = f"{least} {pool}".strip()
        if least > voted.shape[1] or not len(truth):
            few = f"There are only {voted.shape[1]} templates." if len(truth) else NOBODY
            numbers.refuse("inferred", few, at=at)
            continue
        said = right_templates(voted, truth) >= least
        control = np.mean([right_templates(voted, deal) >= least for deal in deals], axis=0)
        found = rates_by_person(np.stack([said, control], 1), who, statistics["confidence"])
        for metric, (share, interval, _) in zip(
            ("inferred", "inferred_permuted"), found, strict=True
        ):
            numbers.add(metric, share, interval, at=at)
        numbers.add("inferred_chance", dealt(voted, truth, least), at=at)


def add_membership(
    numbers: Numbers,
    right: np.ndarray,
    judged: Judged,
    templates: int,
    pool: str,
    options: Mapping[str, Any],
    statistics: Mapping[str, Any],
) -> None:
    """Add how well members are told from others by their `right` templates, int (people,)."""
    members, others = right[judged.members], right[judged.others]
    confidence, why_not = statistics["confidence"], judged.why_not()
    if len(others):
        shares = others[:, None] >= np.array(options["least"])
        for least, (share, interval, _) in zip(
            options["least"],
            rates_by_person(shares, np.arange(len(others)).astype(str), confidence),
            strict=True,
        ):
            numbers.add("fpr", share, interval, at=f"{least} {pool}".strip())
    for rate in options["fpr"]:
        at = f"{text(rate)} {pool}".strip()
        if problem := why_not or why_unmeasurable(rate, "FPR", len(others), len(others)):
            numbers.refuse("tpr", problem, at=at)
            continue
        found = inferred(
            members, others, templates, np.array([rate]), statistics["draws"], statistics["seed"]
        )
        n, value = len(members), float(found.tpr[0])
        variance = float(found.draws[:, 0].var()) * n / (n - 1)
        numbers.add("tpr", value, rate_interval(value, variance, n, confidence), at=at)
        numbers.add("fpr_reached", float(found.fpr[0]), at=at)
        numbers.add("least_templates", float(found.templates[0]), at=at)
    add_area(numbers, "membership_auc", members, others, why_not, pool, confidence)


def add_text_alone(
    numbers: Numbers,
    far: np.ndarray | None,
    judged: Judged,
    statistics: Mapping[str, Any],
) -> None:
    """Add how well members are told from others by their names alone, which no picture helps.

    far: float (people,), how far each one's name is from invented ones; None without any.
    """
    scores = np.zeros(len(judged.members)) if far is None else far
    add_area(
        numbers,
        "membership_auc_text",
        scores[judged.members],
        scores[judged.others],
        judged.why_not() or (NO_INVENTED if far is None else None),
        "",
        statistics["confidence"],
    )


def add_area(
    numbers: Numbers,
    metric: str,
    members: np.ndarray,
    others: np.ndarray,
    why_not: str | None,
    at: str,
    confidence: float,
) -> None:
    """Add the chance that a member's score is higher than another person's, ties half."""
    if why_not:
        numbers.refuse(metric, why_not, at=at)
        return
    area, variance = told_apart(members, others)
    few = min(len(members), len(others))
    numbers.add(metric, area, rate_interval(area, variance, few, confidence), at=at)
