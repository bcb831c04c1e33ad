"""Reading weights without running anything that is inside them."""

import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from facebench.errors import UserError

if TYPE_CHECKING:
    import torch

#: Entries of a state that are no parameters.
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn what goes wrong while a checkpoint is read into sentences (`UserError`)."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        raise UserError(f"{path} is not a complete safetensors file ({error}).") from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        if "loading state_dict" in str(error):
            raise UserError(f"{path} doesn't fit the architecture: {error}") from error
        raise UserError(
            f"{path} is refused: it holds more than tensors, and reading it would run code of its"
            " author (or it is damaged). Convert it to safetensors, or take the model from the hub."
        ) from error


def read_state(path: str | Path, device: str = "cpu") -> "dict[str, torch.Tensor]":
    """Return the tensors of a checkpoint by name: safetensors, or a pickle of nothing but tensors.

    Raises `UserError` for a pickle that wants to run code, and for what is no checkpoint.
    """
    path = Path(path)
    with reading(path):
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path, device=device)
        import torch

        return _tensors(torch.load(path, map_location=device, weights_only=True), path)


def _tensors(state: object, path: Path) -> "dict[str, torch.Tensor]":
    """Return the state inside what training loops wrap around it."""
    import torch

    while isinstance(state, Mapping) and isinstance(state.get("state_dict"), Mapping):
        state = state["state_dict"]
    if not isinstance(state, Mapping) or not state:
        raise UserError(f"{path} has no named tensors.")
    if not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise UserError(f"{path} holds other things among its tensors; save the state_dict alone.")
    return {str(name).removeprefix("module."): value for name, value in state.items()}


def count_parameters(path: str | Path, prefix: str = "") -> int:
    """Return the number of parameters in a checkpoint whose names begin with `prefix`.

    Of a safetensors file only the header is read, without any library of models.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        from safetensors import safe_open

        with reading(path), safe_open(path, framework="numpy") as file:
            shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
    else:
        shapes = {name: list(tensor.shape) for name, tensor in read_state(path, "meta").items()}
    return sum(
        prod(shape)
        for name, shape in shapes.items()
        if name.startswith(prefix) and not name.endswith(STATISTICS)
    )
