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

#: The change that counts as 1 in the loss.
CHANGE = 4 / 255
#: A batch is drawn from so many times its pictures of nearly one size.
STRETCH = 4
#: How often the history gets a row.
ROWS = 20


@dataclass(frozen=True)
class Pairs:
    """Pictures, uint8 (height, width, 3), each with its versions: itself, then cloaked ones.

    Smaller ones come first, so that neighbours are of nearly one size.
    """

    versions: list[list[np.ndarray]]


def open_pairs(clean: str | Path, cloaked: Sequence[str | Path]) -> Pairs:
    """Return the pictures that are in the faces `clean` and all of `cloaked`.

    Raises `UserError` where they are not of the same pictures, or have none in common.
    """
    files = [clean, *cloaked]
    versions = []
    every = [iter_rows(path, ["image_id", "image"]) for path in files]
    for rows in zip_longest(*every, fillvalue={"image_id": None}):
        if len({row["image_id"] for row in rows}) > 1:
            raise UserError(f"{', '.join(map(str, files))} are not of the same pictures.")
        if all(row["image"] is not None for row in rows):
            versions.append([decode(row["image"]) for row in rows])
    if not versions:
        raise UserError(f"{clean} has no picture that all others have.")
    return Pairs(sorted(versions, key=lambda pictures: pictures[0].shape))


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
    from torch.nn.functional import pad

    clean, seen = (
        [torch.from_numpy(one).float() / 255 for one in part] for part in shown(pairs, plan, step)
    )
    sizes = [one.shape[1:] for one in clean]
    height, width = (side + side % 2 for side in (max(each) for each in zip(*sizes, strict=True)))
    stack = [
        pad(one[None], (0, width - w, 0, height - h), mode="replicate")
        for one, (h, w) in zip(seen, sizes, strict=True)
    ]
    rows = torch.zeros(())
    with torch.autocast("cpu", torch.bfloat16, enabled=learns_in_bfloat16(clean[0].device)):
        every = cleaned(net, torch.cat(stack))
        made = [one[:, :h, :w] for one, (h, w) in zip(every, sizes, strict=True)]
        for judge in judges:
            with torch.no_grad():
                right = judge.embed(clean)
            near = (judge.embed([one.clamp(0, 1) for one in made]) * right).sum(1)
            rows = rows + (1 - near).mean() / len(judges)
    away = [((a - b) / CHANGE).square().mean() for a, b in zip(made, clean, strict=True)]
    pixels = torch.stack(away).mean()
    for group in optimizer.param_groups:
        group["lr"] = plan.rate(step)
    optimizer.zero_grad(set_to_none=True)
    (pixels + rows).backward()
    optimizer.step()
    return float(pixels.detach()), float(rows.detach())


def shown(pairs: Pairs, plan: Plan, step: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the pictures of a step, clean and in a version: uint8 (3, height, width) each.

    They are whole, since a cloak does much less in a part of the picture that it was made for.
    Pictures, versions and whether they are mirrored are drawn from the plan's seed and the step.
    """
    rng = np.random.default_rng([plan.seed, step])
    many = min(STRETCH * plan.batch, len(pairs.versions))
    first = rng.integers(len(pairs.versions) - many + 1)
    clean, seen = [], []
    for row in first + rng.integers(many, size=plan.batch):
        versions = pairs.versions[row]
        way = int(rng.choice([-1, 1]))
        pair = versions[0], versions[rng.integers(len(versions))]
        one, other = (np.ascontiguousarray(part[:, ::way].transpose(2, 0, 1)) for part in pair)
        clean.append(one)
        seen.append(other)
    return clean, seen
