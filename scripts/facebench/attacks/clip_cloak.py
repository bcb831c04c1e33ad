"""Projected gradients on one or several image towers: a white-box cloak."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from facebench.attacks import distortion
from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.frames import through
from facebench.attacks.seeds import chance
from facebench.attacks.transformations import view

if TYPE_CHECKING:
    import torch

    Objective = Callable[..., torch.Tensor]
    Draws = Sequence[np.random.Generator] | None


def clip_cloak(
    subjects: Sequence[Subject],
    context: Context,
    linf: float,
    step: float,
    steps: int,
    target: bool,
    expectation: bool,
    momentum: float,
    l2: float | None = None,
) -> list[Attacked]:
    """Change every value by at most `linf` (0 to 255) so that the surrogates see another person.

    With `l2`, the root mean square of all changes is at most that, too.

    `steps` steps of `step` along the sign of the gradient, from a random start, projected back
    (Madry and others, ICLR 2018); with `momentum`, along that of the running sum of normalised
    gradients (Dong and others, CVPR 2018). With `expectation`, each step looks at a random view of
    the picture: cut, shrunk, saved as a JPEG. Where surrogates look through frames, the view is of
    what they see, drawn for each.
    """
    import torch

    device = context.surrogates[0].device
    clean = [tensor(subject.pixels, device) for subject in subjects]
    objective = toward(subjects, context) if target else away(subjects, clean, context)
    draws = [chance(context.seed, "clip-cloak", subject.image_id) for subject in subjects]
    pixels = ascend(subjects, clean, draws, objective, linf, step, steps, momentum, l2, expectation)
    with torch.no_grad():
        first = objective(clean).tolist()
        last = objective([tensor(picture, device) for picture in pixels]).tolist()
    aims = [context.other(subject.identity) if target else None for subject in subjects]
    return [judged(*parts) for parts in zip(pixels, first, last, aims, strict=True)]


def ascend(
    subjects: Sequence[Subject],
    clean: "Sequence[torch.Tensor]",
    draws: Sequence[np.random.Generator],
    objective: "Objective",
    linf: float,
    step: float,
    steps: int,
    momentum: float,
    l2: float | None = None,
    expectation: bool = False,
) -> list[np.ndarray]:
    """Return the pixels of the subjects after projected gradient ascent of the objective.

    clean: their pictures as tensors; draws: the random numbers of each.
    """
    import torch

    limit, stride = linf / 255, step / 255
    cloaked = []
    for picture, rng in zip(clean, draws, strict=True):
        start = torch.from_numpy(rng.uniform(-limit, limit, picture.shape)).to(picture)
        cloaked.append(within(picture + start, picture, limit, l2))
    pace = [torch.zeros_like(picture) for picture in clean]
    for _ in range(steps):
        leaves = [picture.requires_grad_() for picture in cloaked]
        value = objective(leaves, draws if expectation else None)
        slopes = torch.autograd.grad(value.sum(), leaves)
        with torch.no_grad():
            for i, slope in enumerate(slopes):
                pace[i] = momentum * pace[i] + slope / slope.abs().mean().clamp_min(1e-20)
                moved = cloaked[i].detach() + stride * pace[i].sign()
                cloaked[i] = within(moved, clean[i], limit, l2)
    return [
        rounded(picture, subject.pixels, linf, l2)
        for picture, subject in zip(cloaked, subjects, strict=True)
    ]


def away(
    subjects: Sequence[Subject], clean: "Sequence[torch.Tensor]", context: Context
) -> "Objective":
    """Return the objective: 1 - cosine, averaged over the own clean picture and the person.

    It is the mean over the surrogates; a person is the mean direction of all their clean pictures.
    """
    import torch

    with torch.no_grad():
        own = embedded(clean, subjects, context)
    person = people(context, [subject.identity for subject in subjects])

    def objective(pictures: "Sequence[torch.Tensor]", draws: "Draws" = None) -> "torch.Tensor":
        parts = zip(embedded(pictures, subjects, context, draws), own, person, strict=True)
        near = [(rows * (mine + middle)).sum(1) / 2 for rows, mine, middle in parts]
        return 1 - torch.stack(near).mean(0)

    return objective


def toward(subjects: Sequence[Subject], context: Context) -> "Objective":
    """Return the objective: cosine to the target, a person.

    It is the mean over the surrogates.
    """
    import torch

    aims = people(context, [context.other(subject.identity) for subject in subjects])

    def objective(pictures: "Sequence[torch.Tensor]", draws: "Draws" = None) -> "torch.Tensor":
        pairs = zip(embedded(pictures, subjects, context, draws), aims, strict=True)
        return torch.stack([(rows * aim).sum(1) for rows, aim in pairs]).mean(0)

    return objective


def people(context: Context, identities: Sequence[str]) -> "list[torch.Tensor]":
    """Return for every surrogate the mean directions of these people, float32 (n, dim)."""
    import torch

    places = [context.number[identity] for identity in identities]
    return [
        torch.from_numpy(rows[places]).to(surrogate.device)
        for surrogate, rows in zip(context.surrogates, context.centroids, strict=True)
    ]


def embedded(
    pictures: "Sequence[torch.Tensor]",
    subjects: Sequence[Subject],
    context: Context,
    draws: "Draws" = None,
) -> "list[torch.Tensor]":
    """Return the unit rows of pictures, those of `subjects`, under every surrogate.

    draws: of each picture, if random views are looked at. One view serves all surrogates that see
    whole pictures.
    """
    rows, whole = [], subjects[0].frames is None
    if whole and draws is not None:
        pictures = [view(*pair) for pair in zip(pictures, draws, strict=True)]
    for number, surrogate in enumerate(context.surrogates):
        seen = pictures
        if not whole:
            seen = [
                through(picture, subject.frames[number])
                for picture, subject in zip(pictures, subjects, strict=True)
                if subject.frames is not None
            ]
            if draws is not None:
                seen = [view(*pair) for pair in zip(seen, draws, strict=True)]
        rows.append(surrogate.embed(seen))
    return rows


def tensor(pixels: np.ndarray, device: "torch.device") -> "torch.Tensor":
    """Return uint8 pixels (height, width, 3) as float32 (3, height, width) on 0 to 1."""
    import torch

    planes = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
    return planes.to(device).float() / 255


def within(
    picture: "torch.Tensor", clean: "torch.Tensor", linf: float, l2: float | None
) -> "torch.Tensor":
    """Return a picture (3, height, width) on 0 to 1 with its change from `clean` bounded.

    linf is on 0 to 1, l2 on 0 to 255. The change is cut, then scaled, so that both bounds hold.
    """
    change = (picture - clean).clamp(-linf, linf)
    change = (clean + change).clamp(0, 1) - clean
    if l2 is not None:
        change = change * (l2 / 255 / change.square().mean().sqrt()).clamp(max=1)
    return (clean + change).clamp(0, 1)


def rounded(
    picture: "torch.Tensor", clean: np.ndarray, linf: float, l2: float | None
) -> np.ndarray:
    """Return a picture (3, height, width) on 0 to 1 as uint8 pixels, within both of `clean`."""
    values = (picture.detach() * 255).permute(1, 2, 0).cpu().numpy()
    change, scale = values - clean.astype(np.float64), 1.0
    while True:
        whole = np.clip(np.round(scale * change), -int(linf), int(linf)).astype(np.int16)
        pixels = (clean + whole).clip(0, 255).astype(np.uint8)
        if l2 is None or distortion.l2(clean, pixels) <= l2:
            return pixels
        scale -= 0.01


def judged(pixels: np.ndarray, first: float, last: float, target: str | None) -> Attacked:
    """Return the result: it failed where the objective is no higher than for the clean picture."""
    if last > first:
        return Attacked(pixels, "ok", "", first, last, target)
    reason = f"The objective did not rise: {first:.3f} before, {last:.3f} after."
    return Attacked(pixels, "failed to cloak", reason, first, last, target)
