"""All that a training needs to go on after it was killed."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facebench.logs import LOG

if TYPE_CHECKING:
    import torch

#: Seconds between checkpoints.
EVERY = 60


class Checkpoint:
    """All that training needs to go on, in a file that is whole or not there."""

    def __init__(
        self,
        path: Path,
        trained: "torch.nn.Module",
        optimizer: "torch.optim.Optimizer",
        key: Mapping[str, Any],
    ) -> None:
        self.path, self.trained, self.optimizer, self.key = path, trained, optimizer, dict(key)
        self.device = next(trained.parameters()).device
        self.last = time.monotonic()

    def read(self) -> tuple[int, list[dict[str, float]]]:
        """Take the state up, if there is one of this training; its step and history."""
        import torch

        if not self.path.exists():
            return 0, []
        state = torch.load(self.path, map_location=self.device, weights_only=True)
        if state["key"] != self.key:
            LOG.info("%s is of another training and is not used", self.path)
            return 0, []
        self.trained.load_state_dict(state["trained"])
        self.optimizer.load_state_dict(state["optimizer"])
        return state["step"], state["history"]

    def write(self, step: int, history: list[dict[str, float]]) -> None:
        """Keep the state."""
        import torch

        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        state = {"key": self.key, "step": step, "history": history}
        state |= {"trained": self.trained.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(state, part)
        os.replace(part, self.path)
        self.last = time.monotonic()

    def write_now_and_then(self, step: int, history: list[dict[str, float]]) -> None:
        """Keep the state if the last time is a minute ago."""
        if time.monotonic() - self.last > EVERY:
            self.write(step, history)
