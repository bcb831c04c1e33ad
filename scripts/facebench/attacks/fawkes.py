"""Fawkes-style cloaks: move a face's features as far as a bound on structural similarity allows.

The search of version 1.0 of Fawkes, whose networks no registry has: on other surrogates, and at
the face's own size instead of 112 pixels. The constants are those of the program in April 2021;
the targeted form is described by Shan and others (USENIX Security 2020).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.fawkes_search import START, Mode, Objective, search
from facebench.attacks.feature_distances import apart, far_people, target_rows
from facebench.attacks.seeds import chance
from facebench.attacks.size_batches import Stacks, as_pixels, pictures_of

if TYPE_CHECKING:
    import torch


MODES = {"low": Mode(0.004, 40, 25), "mid": Mode(0.012, 75, 20), "high": Mode(0.017, 150, 15)}


def fawkes(
    subjects: Sequence[Subject],
    context: Context,
    mode: str = "mid",
    target: bool = False,
    among: int = 20,
    least: float = 0.15,
) -> list[Attacked]:
    """Move the pictures' features away or, with `target`, towards those of another person.

    The objective is the squared distance to the clean features, summed over the surrogates; with
    `target` the negative distance to a picture of a person drawn from the `among` farthest. A cloak
    `failed to cloak` if its squared distance to the clean features is less than `least` of that
    between two pictures (see `apart`), in the mean over the surrogates.
    """
    import torch

    surrogates = context.surrogates
    stacks = Stacks([subject.pixels for subject in subjects], surrogates[0].device)
    with torch.no_grad():
        own = [surrogate.embed(pictures_of(stacks.clean)) for surrogate in surrogates]
    people = far_people(context, {s.identity for s in subjects}, among) if target else {}
    if target:
        aims = _aims(context, [subjects[i] for i in stacks.order], people)
        objective = Objective(surrogates, aims, _nearness)
    else:
        objective = Objective(surrogates, own, _distance)
    generators = [chance(context.seed, "fawkes", subject.image_id) for subject in subjects]
    found = search(stacks, objective, stacks.noise(generators, START), MODES[mode])
    with torch.no_grad():
        start, end = objective(stacks.clean).tolist(), objective(found).tolist()
        moved = _share(Objective(surrogates, own, _distance).each(found), apart(context))
    values = stacks.in_order(list(zip(as_pixels(found), start, end, moved, strict=True)))
    return [
        _judged(pixels, first, last, far, least, people.get(subject.identity))
        for (pixels, first, last, far), subject in zip(values, subjects, strict=True)
    ]


def _aims(
    context: Context, subjects: Sequence[Subject], people: dict[str, str]
) -> "list[torch.Tensor]":
    """Return for every surrogate the rows (n, dim) that the pictures move to."""
    import torch

    rows = [target_rows(context, subject, people[subject.identity]) for subject in subjects]
    return [
        torch.from_numpy(np.stack(each)).to(surrogate.device, torch.float32)
        for surrogate, each in zip(context.surrogates, zip(*rows, strict=True), strict=True)
    ]


def _distance(rows: "torch.Tensor", aims: "torch.Tensor") -> "torch.Tensor":
    return ((rows - aims) ** 2).sum(1)


def _nearness(rows: "torch.Tensor", aims: "torch.Tensor") -> "torch.Tensor":
    return -(rows - aims).norm(dim=1)


def _share(distances: "Sequence[torch.Tensor]", far: Sequence[float]) -> list[float]:
    """Return each picture's distance relative to each surrogate's scale, mean over surrogates."""
    parts = [one / unit for one, unit in zip(distances, far, strict=True)]
    return [sum(values) / len(values) for values in zip(*(p.tolist() for p in parts), strict=True)]


def _judged(
    pixels: np.ndarray, start: float, end: float, moved: float, least: float, target: str | None
) -> Attacked:
    if moved >= least:
        return Attacked(pixels, "ok", "", start, end, target)
    reason = (
        f"Within the bound on DSSIM its features moved by {moved:.1%} of what two pictures are"
        f" apart, less than {least:.0%}."
    )
    return Attacked(pixels, "failed to cloak", reason, start, end, target)
