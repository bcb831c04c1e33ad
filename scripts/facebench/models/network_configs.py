"""The JSON that describes a network: read, and checked before anything is built from it."""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from facebench.errors import UserError

#: No network that anybody has published comes near: any number, and some by their keys.
LARGEST = 2**24
LIMITS = {
    **dict.fromkeys(("layers", "depth", "depths", "num_layers", "blocks"), 1000),
    **dict.fromkeys(("image_size", "img_size", "input_size", "test_input_size"), 4096),
}
#: Parameters of a network without weights to compare with.
MOST_PARAMETERS = 10**10

#: What libraries raise for a description that makes no sense to them.
NONSENSE = (
    ValueError, LookupError, TypeError, AttributeError, RuntimeError, AssertionError, OSError,
    ArithmeticError, MemoryError,
)  # fmt: skip


def read_config(path: str | Path) -> dict[str, Any]:
    """Return the mapping in a JSON file that describes a network.

    Raises `UserError` for anything else, and for numbers that no network has.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path} is damaged: it isn't JSON.") from None
    if not isinstance(found, dict):
        raise UserError(f"{path} describes no network: it is a {type(found).__name__} in JSON.")
    for key, number in _numbers(found, ""):
        most = LIMITS.get(key.split(".")[-1].split("[")[0], LARGEST)
        if not math.isfinite(number) or abs(number) > most:
            raise UserError(f"{path} describes no network: {key} is {number}.")
    return found


def _numbers(value: Any, key: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for name, sub in value.items():
            yield from _numbers(sub, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for i, sub in enumerate(value):
            yield from _numbers(sub, f"{key}[{i}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, value


def part_of(config: Mapping[str, Any], key: str, path: str | Path) -> dict[str, Any]:
    """Return a mapping inside of a config; empty if it isn't there. Raises `UserError`."""
    found = config.get(key) or {}
    if not isinstance(found, dict):
        raise UserError(f"{path} describes no network: {key} is no mapping.")
    return found


@contextmanager
def building(what: str | Path) -> Iterator[None]:
    """Turn what a library raises for a description, `what`, into a sentence (`UserError`)."""
    try:
        yield
    except ImportError as error:
        why = f"needs a library that facebench doesn't install: {error}"
        raise UserError(f"{what} {why}") from None
    except NONSENSE as error:
        why = str(error).strip().partition("\n")[0][:200]
        raise UserError(
            f"{what} describes no network that can be built here ({type(error).__name__}: {why})."
        ) from error
