"""All that a training needs to go on after it was killed."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facebench.logs import LOG
from facebench.store.atomic import replacing

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
        """Take the state up, if there is one of this training; its step and history.

        A file that can't be read is as if it weren't there.
        """
        import torch

        if not self.path.exists():
            return 0, []
        try:
            state = torch.load(self.path, map_location=self.device, weights_only=True)
            key, step, history = state["key"], state["step"], state["history"]
            states = state["trained"], state["optimizer"]
        except Exception as error:  # torch raises many kinds
            LOG.info("%s can't be read and is not used (%s)", self.path, type(error).__name__)
            return 0, []
        if key != self.key:
            LOG.info("%s is of another training and is not used", self.path)
            return 0, []
        self.trained.load_state_dict(states[0])
        self.optimizer.load_state_dict(states[1])
        return step, history

    def write(self, step: int, history: list[dict[str, float]]) -> None:
        """Keep the state."""
        import torch

        state = {"key": self.key, "step": step, "history": history}
        state |= {"trained": self.trained.state_dict(), "optimizer": self.optimizer.state_dict()}
        with replacing(self.path) as part:
            torch.save(state, part)
        self.last = time.monotonic()

    def write_now_and_then(self, step: int, history: list[dict[str, float]]) -> None:
        """Keep the state if the last time is a minute ago."""
        if time.monotonic() - self.last > EVERY:
            self.write(step, history)
