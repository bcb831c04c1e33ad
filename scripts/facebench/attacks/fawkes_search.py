"""The search of version 1.0 of Fawkes: features against structural similarity."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from facebench.attacks.dssim import Dssim
from facebench.attacks.size_batches import Stacks, pictures_of

if TYPE_CHECKING:
    import torch

    from facebench.attacks.surrogates import Surrogate

#: No value changes by more than this many of 255.
CLIP = 15
#: Weight of the squared excess of DSSIM over its bound.
PENALTY = 1e6
#: Between these times the bound, features and DSSIM are in balance; a cloak may have the latter.
BAND = (0.9, 1.1)
#: The features' weight is doubled below the band and halved above it, until it passes one of these.
WEIGHTS = (1 / 129, 129)
#: The search starts at random within `START` and its first step has `KICK` more, in tanh space.
START, KICK = 1e-4, 0.01
#: How far DSSIM may be off in single precision.
SLACK = 2e-5


class Mode(NamedTuple):
    """Bound on DSSIM, number of steps, and rate of the search."""

    bound: float
    steps: int
    rate: float


@dataclass(frozen=True)
class Objective:
    """What a search maximises: `measure` of rows and aims (n, dim), summed over the surrogates."""

    surrogates: "Sequence[Surrogate]"
    aims: "Sequence[torch.Tensor]"
    measure: "Callable[[torch.Tensor, torch.Tensor], torch.Tensor]"

    def __call__(self, stacks: "Sequence[torch.Tensor]") -> "torch.Tensor":
        """Return the objective (n,) of all pictures of `stacks` (0 to 255)."""
        import torch

        return torch.stack(self.each(stacks)).sum(0)

    def each(self, stacks: "Sequence[torch.Tensor]") -> "list[torch.Tensor]":
        """Return the parts of the objective, (n,) for every surrogate."""
        pictures = pictures_of(stacks)
        return [
            self.measure(surrogate.embed(pictures), aim)
            for surrogate, aim in zip(self.surrogates, self.aims, strict=True)
        ]


def search(
    stacks: Stacks, objective: Objective, start: "list[torch.Tensor]", mode: Mode
) -> "list[torch.Tensor]":
    """Return, in whole numbers, the best pictures of the search with DSSIM within the band."""
    import torch

    limit = BAND[1] * mode.bound - SLACK
    measures = [Dssim(clean) for clean in stacks.clean]
    bases = [_unboxed(clean) for clean in stacks.clean]
    moves = [move.requires_grad_() for move in start]
    optimiser = torch.optim.Adadelta(moves, lr=mode.rate, rho=0.95, eps=1e-7)
    best = [clean.clone() for clean in stacks.clean]
    record = torch.full((sum(stacks.counts),), -torch.inf, device=best[0].device)
    weight = torch.ones_like(record)
    for step in range(mode.steps):
        tried = [
            clean + (_boxed(base + move) - clean).clamp(-CLIP, CLIP)
            for clean, base, move in zip(stacks.clean, bases, moves, strict=True)
        ]
        gain = objective(tried)
        dssim = torch.cat([measure(x) for measure, x in zip(measures, tried, strict=True)])
        better = (dssim <= limit) & (gain > record)
        record = torch.where(better, gain, record).detach()
        best = [
            torch.where(mask, new.detach(), old)
            for mask, new, old in zip(stacks.split(better), tried, best, strict=True)
        ]
        loss = PENALTY * (dssim - mode.bound).relu() ** 2 - weight * gain
        optimiser.zero_grad()
        loss.sum().backward()
        optimiser.step()
        if step == 0:
            with torch.no_grad():
                for move in moves:
                    assert move.grad is not None  # noqa: S101 (tells mypy)
                    move -= KICK * move.grad.sign()
        weight = reweighted(weight, dssim.detach() / mode.bound)
    return [
        _rounded(clean, found, measure, limit)
        for clean, found, measure in zip(stacks.clean, best, measures, strict=True)
    ]


def reweighted(weight: "torch.Tensor", filled: "torch.Tensor") -> "torch.Tensor":
    """Return the features' weights for the next step; `filled` is DSSIM over its bound.

    Below the band a weight doubles, above it halves; where it comes from the other side, or is in
    the band, it is 1 again.
    """
    import torch

    low, high = filled <= BAND[0], filled >= BAND[1]
    up = torch.where(weight < 1, 1, torch.where(weight < WEIGHTS[1], weight * 2, weight))
    down = torch.where(weight > 1, 1, torch.where(weight > WEIGHTS[0], weight / 2, weight))
    return torch.where(low, up, torch.where(high, down, torch.ones_like(weight)))


def _boxed(free: "torch.Tensor") -> "torch.Tensor":
    """Return values of any size as pixels from 0 to 255."""
    return (free.tanh() / (2 - 1e-6) + 0.5) * 255


def _unboxed(pixels: "torch.Tensor") -> "torch.Tensor":
    return ((pixels / 255 - 0.5) * (2 - 1e-6)).atanh()


def _rounded(
    clean: "torch.Tensor", found: "torch.Tensor", measure: Dssim, limit: float
) -> "torch.Tensor":
    """Return `found` in whole numbers; where these exceed `limit`, the change is made smaller."""
    import torch

    scale = torch.ones(len(clean), 1, 1, 1, device=clean.device)
    for _ in range(30):
        whole = (clean + scale * (found - clean)).round().clamp(0, 255)
        over = measure(whole) > limit
        if not over.any():
            return whole
        scale[over] *= 0.97
    whole[over] = clean[over]
    return whole
