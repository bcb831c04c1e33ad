"""The training loop: seeded by step, so that a killed run goes on and gives what it would have."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facebench.logs import LOG, Progress
from facebench.models.device import learns_in_bfloat16
from facebench.pictures.preprocess import normalise
from facebench.training.album import Album
from facebench.training.augment import cut, frames
from facebench.training.checkpoint import Checkpoint
from facebench.training.objectives import Objective

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn: pictures shown in all, and AdamW's settings."""

    images: int
    batch: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    seed: int = 0

    @property
    def steps(self) -> int:
        """Return the number of batches."""
        return self.images // self.batch

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: a linear start, then half a cosine down to nothing.

        >>> plan = Plan(images=1000, batch=10, learning_rate=1, warmup=0.1)
        >>> plan.rate(4), plan.rate(9), round(plan.rate(99), 4)
        (0.5, 1.0, 0.0003)
        """
        start = max(1, round(self.warmup * self.steps))
        if step < start:
            return self.learning_rate * (step + 1) / start
        done = (step - start + 1) / max(self.steps - start + 1, 1)
        return self.learning_rate * (1 + math.cos(math.pi * done)) / 2


def train(
    objective: Objective,
    album: Album,
    plan: Plan,
    work: Path,
    measure: Callable[[], Mapping[str, float]],
    key: Mapping[str, Any],
    measures: int = 10,
) -> list[dict[str, float]]:
    """Train `objective` and return its history: step, images, loss, rate, seconds, measures.

    The state is kept in `work`/checkpoint.pt; one of another plan, or another
    `key` (all else that the training depends on), is not used.
    """
    import torch

    trained = torch.nn.ModuleList(objective.modules())
    optimizer = torch.optim.AdamW(grouped(trained, plan.weight_decay), lr=plan.learning_rate)
    state = Checkpoint(work / "checkpoint.pt", trained, optimizer, {**key, **asdict(plan)})
    done, history = state.read()
    progress = Progress(plan.steps, "steps", done=done, every=30)
    seconds = history[-1]["seconds"] if history else 0.0
    started, losses = time.monotonic() - seconds, []
    for step, rows in batches(len(album.pixels), plan, done):
        loss = one_step(objective, album, plan, step, rows, optimizer)
        losses.append(loss)
        progress.step()
        last = step + 1 == plan.steps
        if last or (step + 1) % max(1, plan.steps // (5 * measures)) == 0:
            history.append({
                "step": step + 1, "images": (step + 1) * plan.batch, "rate": plan.rate(step),
                "loss": sum(losses) / len(losses), "seconds": time.monotonic() - started,
            })  # fmt: skip
            losses = []
            if last or len(history) % 5 == 0:
                history[-1] |= measure()
                LOG.info("%s", in_words(history[-1]))
            state.write_now_and_then(step + 1, history)
    state.write(plan.steps, history)
    return history


def grouped(modules: "torch.nn.Module", decay: float) -> list[dict[str, Any]]:
    """Return AdamW's groups: matrices and kernels shrink, biases, gains and scales do not."""
    every = [parameter for parameter in modules.parameters() if parameter.requires_grad]
    return [
        {"params": [p for p in every if p.ndim >= 2], "weight_decay": decay},
        {"params": [p for p in every if p.ndim < 2], "weight_decay": 0.0},
    ]


def batches(n: int, plan: Plan, first: int) -> "Iterator[tuple[int, torch.Tensor]]":
    """Yield (step, rows) from step `first` on: all n pictures in a new order each round."""
    import torch

    rounds: dict[int, torch.Tensor] = {}
    each = n // plan.batch or 1
    for step in range(first, plan.steps):
        turn, place = divmod(step, each)
        if turn not in rounds:
            rounds = {turn: torch.randperm(n, generator=chance_of(plan.seed, 1, turn))}
        yield step, rounds[turn][place * plan.batch : (place + 1) * plan.batch]


def chance_of(*numbers: int) -> "torch.Generator":
    """Return a random stream that depends on these numbers alone."""
    import numpy as np
    import torch

    (seed,) = np.random.SeedSequence(numbers).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(seed >> 1))


def one_step(
    objective: Objective,
    album: Album,
    plan: Plan,
    step: int,
    rows: "torch.Tensor",
    optimizer: "torch.optim.Optimizer",
) -> float:
    """Show one batch, learn from it, and return the loss."""
    import torch

    chance = chance_of(plan.seed, 2, step)
    size, side = objective.preprocess.size[0], album.pixels.shape[-1]
    pictures = cut(album.pixels[rows], frames(album.boxes[rows], side, chance), size)
    pictures = normalise(pictures * 255, objective.preprocess)
    device = next(objective.network.parameters()).device
    pictures = pictures.to(device).contiguous(memory_format=torch.channels_last)
    with torch.autocast(device.type, torch.bfloat16, enabled=learns_in_bfloat16(device)):
        loss = objective.loss(pictures, rows, chance)
    for group in optimizer.param_groups:
        group["lr"] = plan.rate(step)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def in_words(point: Mapping[str, float]) -> str:
    """Return a point of the history as a line of the log.

    >>> in_words({"step": 620, "images": 79360, "rank_1": 0.51234})
    'step 620, images 79,360, rank 1 0.5123'
    """
    values = {name.replace("_", " "): f"{value:,.4f}" for name, value in point.items()}
    return ", ".join(f"{name} {value.rstrip('0').rstrip('.')}" for name, value in values.items())
