"""LowKey-style cloaks: move the features of a face, and of the face blurred, by signed steps.

After Cherepanova and others (ICLR 2021), whose four networks no registry has: on other surrogates,
at the face's own size, and without the alignment, which the crop has done. Every step also looks at
the smoothed picture, so that the cloak survives smoothing and shrinking.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np

from facebench.attacks import distortion
from facebench.attacks.contract import Attacked, Context, Subject
from facebench.attacks.dssim import Dssim, gaussian, smoothed
from facebench.attacks.feature_distances import apart
from facebench.attacks.seeds import chance
from facebench.attacks.size_batches import Stacks, as_pixels
from facebench.errors import UserError

if TYPE_CHECKING:
    import torch

    from facebench.attacks.surrogates import Surrogate

    Stack = list[torch.Tensor]
    Distance = Callable[[Stack], torch.Tensor]

#: Side and deviation of the window that smooths one of the two branches, in pixels.
WINDOW, DEVIATION = 7, 3.0
#: Length of a step and of the random start, on 0 to 1.
STEP, START = 0.0025, 0.005
#: The authors weigh LPIPS against features of this many dimensions, with this squared distance
#: between strangers; scaling a surrogate's features to these keeps the authors' balance.
DIMENSIONS, STRANGERS = 512, 2.0


def lowkey(
    subjects: Sequence[Subject],
    context: Context,
    steps: int = 50,
    distance: str = "dssim",
    weight: float = 0.05,
) -> list[Attacked]:
    """Move the features of every picture, raw and smoothed, away from those of the clean one.

    It maximises the squared distance, a mean over surrogates, both branches and all dimensions,
    minus `weight` times a perceptual `distance` of the pictures. The authors take LPIPS, whose
    weights are seldom at hand; DSSIM has similar values for such changes (0.1 to 0.2). Only the
    number of steps bounds the change. Distances are normalised by the surrogate's mean distance
    between two pictures. The reported objective is the first term: squared distances, a mean over
    surrogates and branches, scaled so that strangers are 2 apart.
    """
    import torch

    surrogates = context.surrogates
    stacks = Stacks([subject.pixels for subject in subjects], surrogates[0].device)
    clean = [stack / 255 for stack in stacks.clean]
    seen = DISTANCES[distance](stacks.clean)
    scales = [STRANGERS / far for far in apart(context)]
    with torch.no_grad():
        aims = [flipped_rows(surrogate, clean) for surrogate in surrogates]
    generators = [chance(context.seed, "lowkey", subject.image_id) for subject in subjects]
    noise = stacks.noise(generators, START)
    tried = [x + y for x, y in zip(clean, noise, strict=True)]
    for _ in range(steps):
        leaves = [x.detach().requires_grad_() for x in tried]
        gain = moved(surrogates, aims, scales, leaves) / DIMENSIONS
        value = gain - weight * seen([x * 255 for x in leaves])
        slopes = torch.autograd.grad(value.sum(), leaves)
        tried = [x.detach() + STEP * slope.sign() for x, slope in zip(leaves, slopes, strict=True)]
    found = [(x.clamp(0, 1) * 255).round() for x in tried]
    with torch.no_grad():
        start = moved(surrogates, aims, scales, clean).tolist()
        end = moved(surrogates, aims, scales, [x / 255 for x in found]).tolist()
    values = stacks.in_order(list(zip(as_pixels(found), start, end, strict=True)))
    return [_judged(*value) for value in values]


def moved(
    surrogates: "Sequence[Surrogate]",
    aims: "Sequence[torch.Tensor]",
    scales: Sequence[float],
    stacks: "Stack",
) -> "torch.Tensor":
    """Return how far the features are from `aims`: squared distances (n,), mean over all branches.

    `aims` are rows of clean pictures without smoothing, for both branches; `scales` are factors of
    each surrogate's distances.
    """
    import torch

    branches = [stacks, [soft(stack) for stack in stacks]]
    each = [
        scale * ((flipped_rows(surrogate, branch) - aim) ** 2).sum(1)
        for surrogate, aim, scale in zip(surrogates, aims, scales, strict=True)
        for branch in branches
    ]
    return torch.stack(each).mean(0)


def flipped_rows(surrogate: "Surrogate", stacks: "Stack") -> "torch.Tensor":
    """Return the unit rows (n, dim) of the sums of a picture's row and its mirror image's.

    Pictures are on 0 to 1.
    """
    from torch.nn.functional import normalize

    pictures = [picture for stack in stacks for picture in stack.unbind()]
    mirrored = [picture.flip(-1) for picture in pictures]
    both = surrogate.embed([*pictures, *mirrored])
    return normalize(both[: len(pictures)] + both[len(pictures) :], dim=1)


def soft(pictures: "torch.Tensor") -> "torch.Tensor":
    """Return pictures (n, 3, height, width) smoothed by a Gaussian, mirrored at their edges."""
    from torch.nn.functional import pad

    edge = WINDOW // 2
    mode = "reflect" if min(pictures.shape[-2:]) > edge else "replicate"
    kernel = gaussian(WINDOW, DEVIATION).to(pictures.device)
    return smoothed(pad(pictures, (edge,) * 4, mode=mode), kernel)


def dssim(clean: "Stack") -> "Distance":
    """Return the function of stacks (0 to 255) that gives each picture's DSSIM to `clean`."""
    import torch

    measures = [Dssim(stack) for stack in clean]

    def distance(stacks: "Stack") -> "torch.Tensor":
        return torch.cat([measure(x) for measure, x in zip(measures, stacks, strict=True)])

    return distance


def lpips(clean: "Stack") -> "Distance":
    """Return the function of stacks (0 to 255) that gives each picture's LPIPS to `clean`.

    Raises `UserError` where the package or its weights aren't on this machine.
    """
    import torch

    network = distortion.lpips_network()
    if network is None:
        raise UserError(
            "LowKey with `distance: lpips` needs the package lpips and, in torch's cache, the"
            " weights of AlexNet: install them, or set `distance: dssim`."
        )
    network = deepcopy(network).to(clean[0].device)

    def distance(stacks: "Stack") -> "torch.Tensor":
        pairs = zip(clean, stacks, strict=True)
        return torch.cat([network(a / 127.5 - 1, b / 127.5 - 1).flatten() for a, b in pairs])

    return distance


#: The distance that limits the change, by the option `distance`.
DISTANCES: "Mapping[str, Callable[[Stack], Distance]]" = {"dssim": dssim, "lpips": lpips}


def _judged(pixels: np.ndarray, start: float, end: float) -> Attacked:
    if end > start:
        return Attacked(pixels, "ok", "", start, end)
    reason = "No step moved the features away from those of the clean picture."
    return Attacked(pixels, "failed to cloak", reason, start, end)
