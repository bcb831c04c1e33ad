"""Reading weights without running anything that is inside them."""

import pickle
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from facebench.errors import UserError

if TYPE_CHECKING:
    import torch

#: Entries of a state that are no parameters.
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")

#: What files begin with that are no weights -> what they are.
NO_WEIGHTS = {
    rb"\s*<[!?a-zA-Z]": "a web page",
    rb"version https://git-lfs": "a pointer of git-lfs without its file: run `git lfs pull`",
    rb"\s*\{\s*\"": "text",
}
PICKLE = (
    "is refused: it holds more than tensors, and reading it would run code of its author (or it is"
    " damaged). Convert it to safetensors, or take the model from the hub."
)


class Stored(NamedTuple):
    """A tensor in a file: its shape, and whether it holds floating-point numbers."""

    shape: tuple[int, ...]
    floating: bool


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn what goes wrong while a checkpoint is read into sentences (`UserError`)."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        kind = kind_of(path)
        why = f"is {kind}" if kind else f"is not a complete safetensors file ({error})"
        raise UserError(f"{path} {why}.") from error
    except pickle.UnpicklingError as error:
        kind = kind_of(path)
        raise UserError(f"{path} is {kind}." if kind else f"{path} {PICKLE}") from error
    except OSError as error:
        if error.errno is not None:
            raise UserError(f"{path} can't be read: {error.strerror}.") from error
        raise UserError(f"{path} is damaged or cut short ({error}).") from error
    except RuntimeError as error:
        # A TorchScript archive is a program.
        why = PICKLE if "TorchScript" in str(error) else "is damaged or cut short."
        raise UserError(f"{path} {why}") from error
    except (ValueError, LookupError, TypeError, AttributeError, EOFError, MemoryError) as error:
        kind = kind_of(path) or "damaged or cut short"
        raise UserError(f"{path} is {kind} ({type(error).__name__}).") from error
    except struct.error as error:
        raise UserError(f"{path} is damaged or cut short ({error}).") from error


@contextmanager
def fitting(path: str | Path, architecture: str) -> Iterator[None]:
    """Turn what goes wrong while a network takes weights up into a sentence (`UserError`)."""
    try:
        yield
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as e:
        why = " ".join(str(e).split())[:300] or type(e).__name__
        raise UserError(f"{path} doesn't fit the architecture {architecture}: {why}") from e


def kind_of(path: str | Path) -> str:
    """Return what a file is that holds no weights; "" if that isn't known."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
    except OSError:
        return ""
    if not head:
        return "empty"
    return next((kind for start, kind in NO_WEIGHTS.items() if re.match(start, head)), "")


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

        state = torch.load(path, map_location=device, weights_only=True)
    return _tensors(state, path)


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


def stored(path: str | Path) -> dict[str, Stored]:
    """Return what a checkpoint holds, by name. Raises `UserError` as `read_state` does.

    Of a safetensors file only the header is read, without any library of models.
    """
    path = Path(path)
    if path.suffix != ".safetensors":
        state = read_state(path, "meta")
        return {
            name: Stored(tuple(tensor.shape), tensor.is_floating_point())
            for name, tensor in state.items()
        }
    from safetensors import safe_open

    with reading(path), safe_open(path, framework="numpy") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
        found = {
            name: Stored(tuple(one.get_shape()), one.get_dtype().startswith(("F", "BF")))
            for name, one in slices.items()
        }
    if not found:
        raise UserError(f"{path} has no named tensors.")
    return found


def count_parameters(path: str | Path, prefix: str = "") -> int:
    """Return the number of parameters in a checkpoint whose names begin with `prefix`."""
    return sum(
        prod(tensor.shape)
        for name, tensor in stored(path).items()
        if name.startswith(prefix) and not name.endswith(STATISTICS)
    )


def check_state(
    path: str | Path, found: Mapping[str, Stored], network: "torch.nn.Module", architecture: str
) -> None:
    """Refuse weights that a network would take and that aren't its own (`UserError`).

    found: what the file `path` holds. Refused are whole numbers, which become floating-point ones
    that mean nothing, and positions of another number of patches, or of words, which open_clip
    stretches.
    """
    for name, parameter in network.named_parameters():
        if name not in found:
            continue
        shape, floating = found[name]
        if not floating:
            raise UserError(
                f"{path} has whole numbers in {name}: it is quantised or damaged, and weights in"
                " floating point are needed."
            )
        if name.endswith("positional_embedding") and shape[0] != len(parameter):
            raise UserError(
                f"{path} has {shape[0]} positions in {name} and {architecture} {len(parameter)}: it"
                " is of an architecture for another size of picture, or of text."
            )
