"""Training a purifier: from pairs of pictures, cloaked and not, to a network that undoes cloaks."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facebench.errors import UserError
from facebench.logs import LOG, Progress
from facebench.models.device import learns_in_bfloat16
from facebench.pictures.purifier import cleaned
from facebench.store.faces import decode, iter_rows
from facebench.training.checkpoint import Checkpoint
from facebench.training.loop import Plan

if TYPE_CHECKING:
    import torch

    from facebench.attacks.surrogates import Surrogate

#: Side of the windows that are shown, in pixels; the change that counts as 1 in the loss.
SIDE, CHANGE = 40, 4 / 255
#: How often the history gets a row.
ROWS = 20


@dataclass(frozen=True)
class Pairs:
    """Pictures, uint8 (height, width, 3), each with its versions: itself, then cloaked ones."""

    versions: list[list[np.ndarray]]


def open_pairs(clean: str | Path, cloaked: Sequence[str | Path]) -> Pairs:
    """Return the pictures that are in the faces `clean` and all of `cloaked`.

    Raises `UserError` where they are not of the same pictures, or all smaller than a window.
    """
    files = [clean, *cloaked]
    versions = []
    every = [iter_rows(path, ["image_id", "image"]) for path in files]
    for rows in zip_longest(*every, fillvalue={"image_id": None}):
        if len({row["image_id"] for row in rows}) > 1:
            raise UserError(f"{', '.join(map(str, files))} are not of the same pictures.")
        if all(row["image"] is not None for row in rows):
            pictures = [decode(row["image"]) for row in rows]
            if min(pictures[0].shape[:2]) >= SIDE:
                versions.append(pictures)
    if not versions:
        raise UserError(f"{clean} has no picture of {SIDE} pixels or more that all others have.")
    return Pairs(versions)


def train(
    net: "torch.nn.Module",
    pairs: Pairs,
    judges: "Sequence[Surrogate]",
    plan: Plan,
    work: Path,
    key: Mapping[str, Any],
) -> list[dict[str, float]]:
    """Train `net` and return its history: step, images, loss, its two parts, rate, seconds.

    The loss is the mean squared difference to the clean picture, in units of `CHANGE`, plus 1 minus
    the cosine of their rows, the mean over `judges`. A killed run goes on from its checkpoint in
    `work`, unless its plan or its `key` was another.
    """
    import torch

    optimizer = torch.optim.Adam(net.parameters(), lr=plan.learning_rate)
    state = Checkpoint(work / "checkpoint.pt", net, optimizer, {**key, **asdict(plan)})
    done, history = state.read()
    progress = Progress(plan.steps, "steps", done=done, every=30)
    before = history[-1]["seconds"] if history else 0.0
    started, losses = time.monotonic() - before, []
    for step in range(done, plan.steps):
        losses.append(one_step(net, pairs, judges, plan, step, optimizer))
        progress.step()
        if step + 1 == plan.steps or (step + 1) % max(1, plan.steps // ROWS) == 0:
            pixels, rows = np.mean(losses, axis=0).tolist()
            history.append({
                "step": step + 1, "images": (step + 1) * plan.batch, "rate": plan.rate(step),
                "loss": pixels + rows, "pixels": pixels, "rows": rows,
                "seconds": time.monotonic() - started,
            })  # fmt: skip
            losses = []
            LOG.info("loss: %.3f of pixels, %.3f of rows", pixels, rows)
            state.write_now_and_then(step + 1, history)
    state.write(plan.steps, history)
    return history


def one_step(
    net: "torch.nn.Module",
    pairs: Pairs,
    judges: "Sequence[Surrogate]",
    plan: Plan,
    step: int,
    optimizer: "torch.optim.Optimizer",
) -> tuple[float, float]:
    """Show one batch, learn from it, and return the two parts of the loss."""
    import torch

    clean, seen = (torch.from_numpy(part).float() / 255 for part in shown(pairs, plan, step))
    rows = torch.zeros(())
    with torch.autocast("cpu", torch.bfloat16, enabled=learns_in_bfloat16(clean.device)):
        made = cleaned(net, seen)
        for judge in judges:
            with torch.no_grad():
                right = judge.embed(list(clean))
            near = (judge.embed(list(made.clamp(0, 1))) * right).sum(1)
            rows = rows + (1 - near).mean() / len(judges)
    pixels = ((made - clean) / CHANGE).square().mean()
    for group in optimizer.param_groups:
        group["lr"] = plan.rate(step)
    optimizer.zero_grad(set_to_none=True)
    (pixels + rows).backward()
    optimizer.step()
    return float(pixels.detach()), float(rows.detach())


def shown(pairs: Pairs, plan: Plan, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the windows of a step, clean and in a version: uint8 (batch, 3, SIDE, SIDE) each.

    Picture, version, place and whether it is mirrored are drawn from the plan's seed and the step.
    """
    rng = np.random.default_rng([plan.seed, step])
    parts = []
    for row in rng.integers(len(pairs.versions), size=plan.batch):
        versions = pairs.versions[row]
        height, width = versions[0].shape[:2]
        top, left = rng.integers(height - SIDE + 1), rng.integers(width - SIDE + 1)
        way = int(rng.choice([-1, 1]))
        pair = versions[0], versions[rng.integers(len(versions))]
        parts.append(
            [one[top : top + SIDE, left : left + SIDE][:, ::way].transpose(2, 0, 1) for one in pair]
        )
    clean, seen = np.stack(parts, axis=1)
    return clean, seen
