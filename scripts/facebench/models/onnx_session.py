"""onnxruntime's side of the family onnx: opening a file, checking it, and running it in batches."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from facebench.errors import UserError
from facebench.logs import LOG
from facebench.models import device as devices
from facebench.models.encoder import unit_rows


def open_session(weights: Path, device: str) -> Any:
    """Return onnxruntime's session of a file, on CUDA where that is asked for and available.

    It gets as many threads as torch has, which is what `use_threads` gives the job.
    """
    import onnxruntime as ort
    import torch

    providers: list[Any] = ["CPUExecutionProvider"]
    if devices.choose(device).type == "cuda":
        if "CUDAExecutionProvider" in ort.get_available_providers():
            # Not TensorFloat-32, onnxruntime's default there: it keeps ten bits of a factor.
            providers.insert(0, ("CUDAExecutionProvider", {"use_tf32": "0"}))
        else:
            LOG.warning("This onnxruntime has no CUDA: %s runs on one core.", weights.name)
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = torch.get_num_threads()
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    # Idle threads would spin, on the core that prepares the next pictures.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(weights), options, providers=providers)
    except Exception as error:  # onnxruntime's errors have no class in common
        why = reason(error)
        if "is not a registered function/op" in why:
            why = f"it asks for an operator of another library, and none is loaded ({why})"
        raise UserError(f"{weights} can't be opened by onnxruntime: {why}") from error


def batch_of(session: Any, weights: Path, size: tuple[int, int]) -> int | None:
    """Return how many pictures the network takes at once, None for any number.

    Raises `UserError` unless it takes float32 pictures (n, 3, height, width) of `size`.
    """
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise UserError(f"{weights} has {len(inputs)} inputs ({names(inputs)}) instead of one.")
    shape, kind = inputs[0].shape, inputs[0].type
    fixed = [side if isinstance(side, int) else None for side in shape]
    stated = (3, *size)
    fits = len(shape) == 4 and all(
        side in (None, ours) for side, ours in zip(fixed[1:], stated, strict=True)
    )
    if kind != "tensor(float)" or not fits:
        raise UserError(
            f"{weights} takes {kind} of shape {shape}. With the configured `size` it would get"
            f" float32 of shape (n, 3, {size[0]}, {size[1]}). `size` is [width, height]."
        )
    return fixed[0]


def output_of(session: Any, weights: Path, output: str | None) -> str:
    """Return the name of the output to take: `output`, or the only one. Raises `UserError`."""
    known = [one.name for one in session.get_outputs()]
    if output is None and len(known) == 1:
        return known[0]
    if output is None or output not in known:
        wrong = "several outputs" if output is None else f"no output {output}"
        raise UserError(f"{weights} has {wrong}; `output` must be one of {', '.join(known)}.")
    return output


@dataclass
class Network:
    """A network that onnxruntime has opened: float32 pixels (n, 3, height, width) to rows (n, dim).

    `batch`: how many pictures it takes at once, None for any number.
    """

    session: Any
    output: str
    batch: int | None
    dim: int = 0

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the rows; black pictures fill a fixed batch up."""
        parts = [np.zeros((0, self.dim), np.float32)]
        step = self.batch or max(len(values), 1)
        for start in range(0, len(values), step):
            part = values[start : start + step]
            lacking = (self.batch or len(part)) - len(part)
            full = np.concatenate([part, np.zeros((lacking, *part.shape[1:]), part.dtype)])
            parts.append(self.run(full)[: len(part)].reshape(len(part), self.dim))
        return np.concatenate(parts)

    def run(self, values: np.ndarray) -> np.ndarray:
        """Return the output as it is, of as many pictures as the network takes."""
        rows: np.ndarray = self.session.run(
            [self.output], {self.session.get_inputs()[0].name: values}
        )[0]
        return rows


def tried(network: Network, weights: Path, size: tuple[int, int]) -> Network:
    """Return the network with its `dim`, after a trial; `batch` is 1 if more would change rows.

    Some files declare any batch size and were made for one. Raises `UserError` where no vectors
    come out.
    """
    shape = (network.batch or 2, 3, *size)
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    try:
        one = network.run(values[: network.batch or 1])
    except Exception as error:  # onnxruntime's errors have no class in common
        raise UserError(f"{weights} can't be run on a picture: {reason(error)}") from error
    dim = max(one.shape[1:], default=0)
    if len(one) != (network.batch or 1) or one[0].size != dim:
        raise UserError(
            f"{weights} gives {list(one.shape)} numbers for {network.batch or 1} pictures instead"
            f" of a vector for each; `output` may name another of its outputs"
            f" ({names(network.session.get_outputs())})."
        )
    network = replace(network, dim=dim)
    if network.batch is None and not _alike(network, values):
        LOG.info("%s takes one picture at a time.", weights.name)
        return replace(network, batch=1)
    return network


def _alike(network: Network, values: np.ndarray) -> bool:
    """Return whether pictures that are given together get the rows that they get alone."""
    try:
        together = network(values)
    except Exception:  # onnxruntime's errors have no class in common
        return False
    alone = replace(network, batch=1)(values)
    return np.allclose(unit_rows(together), unit_rows(alone), atol=1e-4)


def names(nodes: Any) -> str:
    """Return the names of inputs or outputs, for a sentence."""
    return ", ".join(node.name for node in nodes)


def reason(error: Exception) -> str:
    """Return what is wrong in onnxruntime's words, on one line and without its codes."""
    return " ".join(str(error).split("failed:", 1)[-1].split())
