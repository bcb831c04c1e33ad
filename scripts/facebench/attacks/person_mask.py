"""One change for all pictures of a person: a mask that is made once and put on later ones, too."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from facebench.attacks.clip_cloak import away, judged, tensor, toward
from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.frames import worn
from facebench.attacks.seeds import chance
from facebench.pictures.geometry import frame_side

if TYPE_CHECKING:
    import torch

    from facebench.attacks.clip_cloak import Objective

#: Pictures whose activations are in memory together.
TOGETHER = 32


class Part(NamedTuple):
    """Some of the pictures that a mask is made from, and what it shall do to them."""

    subjects: Sequence[Subject]
    clean: "list[torch.Tensor]"
    objective: "Objective"
    draws: list[np.random.Generator]


def person_mask(
    subjects: Sequence[Subject],
    context: Context,
    linf: float,
    step: float,
    steps: int,
    target: bool,
    expectation: bool,
    momentum: float,
    made_from: float,
    l2: float | None = None,
) -> list[Attacked]:
    """Change all pictures of a person, `subjects`, by one mask of at most `linf` (0 to 255).

    The mask is made from a share `made_from` of them (from 1 on: from so many), as a clip-cloak is
    made of one picture, but along the gradient of the sum over them. It lies in the frame of the
    crop: in a crop of another size it is resized, and on a photograph it is put where the frame of
    the first surrogate lies. With `l2`, its root mean square is at most that.

    One mask a person: OPOM (Zhong and Deng, T-PAMI 2022), P3-Mask (Chow and others, ECCV 2024).
    """
    import torch

    used = chosen(subjects, made_from, context.seed)
    sources = [subject for subject, mine in zip(subjects, used, strict=True) if mine]
    parts = [
        part_of(sources[start : start + TOGETHER], context, target)
        for start in range(0, len(sources), TOGETHER)
    ]
    device = context.surrogates[0].device
    rng = chance(context.seed, "person-mask", subjects[0].identity)
    limit = linf / 255
    start = rng.uniform(-limit, limit, (3, *frame(sources)))
    mask = held(torch.from_numpy(start).float().to(device), limit, l2)
    pace = torch.zeros_like(mask)
    for _ in range(steps):
        slope = torch.stack([gradient(mask, part, expectation) for part in parts]).sum(0)
        pace = momentum * pace + slope / slope.abs().mean().clamp_min(1e-20)
        mask = held(mask + step / 255 * pace.sign(), limit, l2)
    results = []
    for i in range(0, len(subjects), TOGETHER):
        some = subjects[i : i + TOGETHER]
        pixels = [put(mask, subject, linf, l2) for subject in some]
        part = part_of(some, context, target)
        with torch.no_grad():
            first = part.objective(part.clean).tolist()
            last = part.objective([tensor(picture, device) for picture in pixels]).tolist()
        aims = [context.other(subject.identity) if target else None for subject in some]
        results += [judged(*values) for values in zip(pixels, first, last, aims, strict=True)]
    return [replace(result, made_from=mine) for result, mine in zip(results, used, strict=True)]


def chosen(subjects: Sequence[Subject], made_from: float, seed: int) -> list[bool]:
    """Return which pictures the mask is made from: at least one, fewer always among more."""
    share = made_from * len(subjects) if made_from < 1 else made_from
    many = max(1, int(share + 0.5))
    order = sorted(
        range(len(subjects)), key=lambda i: chance(seed, "made from", subjects[i].image_id).random()
    )
    return [i in order[:many] for i in range(len(subjects))]


def part_of(subjects: Sequence[Subject], context: Context, target: bool) -> Part:
    """Return pictures of a person with their objective."""
    clean = [tensor(subject.pixels, context.surrogates[0].device) for subject in subjects]
    objective = toward(subjects, context) if target else away(subjects, clean, context)
    draws = [chance(context.seed, "person-mask", subject.image_id) for subject in subjects]
    return Part(subjects, clean, objective, draws)


def frame(subjects: Sequence[Subject]) -> tuple[int, int]:
    """Return the height and width of the mask: the median of the pictures that it is made from.

    Of photographs, it is the median of what the first surrogate's frame shows of them.
    """
    sides = [frame_side(subject.frames[0]) for subject in subjects if subject.frames is not None]
    pairs = [(side, side) for side in sides]
    sizes = pairs or [subject.pixels.shape[:2] for subject in subjects]
    height, width = np.median(sizes, axis=0).round().astype(int).tolist()
    return height, width


def held(mask: "torch.Tensor", linf: float, l2: float | None) -> "torch.Tensor":
    """Return a mask (3, height, width) within `linf` (0 to 1) and root mean square `l2` (0-255)."""
    mask = mask.clamp(-linf, linf)
    if l2 is None:
        return mask
    return mask * (l2 / 255 / mask.square().mean().sqrt()).clamp(max=1)


def gradient(mask: "torch.Tensor", part: Part, expectation: bool) -> "torch.Tensor":
    """Return the gradient of the sum of the objectives of some pictures with the mask."""
    import torch

    leaf = mask.detach().requires_grad_()
    masked = [
        (picture + on(leaf, subject)).clamp(0, 1)
        for picture, subject in zip(part.clean, part.subjects, strict=True)
    ]
    value = part.objective(masked, part.draws if expectation else None)
    (slope,) = torch.autograd.grad(value.sum(), [leaf])
    return slope


def on(mask: "torch.Tensor", subject: Subject) -> "torch.Tensor":
    """Return the mask as it lies on a picture (3, height, width); 0 beside it."""
    height, width = subject.pixels.shape[:2]
    if subject.frames is None:
        return resized(mask, height, width)
    frame = subject.frames[0]
    side = max(1, round(frame_side(frame)))
    return worn(resized(mask, side, side), frame, height, width)


def resized(mask: "torch.Tensor", height: int, width: int) -> "torch.Tensor":
    """Return the mask in the size of a crop: weighted means of its values, so within its bound."""
    from torch.nn.functional import interpolate

    if mask.shape[1:] == (height, width):
        return mask
    return interpolate(mask[None], (height, width), mode="bilinear", antialias=True)[0]


def put(mask: "torch.Tensor", subject: Subject, linf: float, l2: float | None) -> np.ndarray:
    """Return uint8 pixels with the mask in whole numbers: the same in all crops of a size.

    Only values that would leave 0 to 255 are cut.
    """
    clean = subject.pixels
    change = 255 * on(mask, subject).permute(1, 2, 0).cpu().numpy().astype(float)
    scale = 1.0
    while True:
        whole = np.clip(np.round(scale * change), -int(linf), int(linf))
        if l2 is None or np.sqrt(np.square(whole).mean()) <= l2:
            return (clean + whole).clip(0, 255).astype(np.uint8)
        scale -= 0.01
