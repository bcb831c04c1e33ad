"""Files of a run that can't be read: one sentence, wherever it turns up."""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from facebench.errors import UserError

#: What readers raise for content that makes no sense. Arrow's errors, JSON's and those of Unicode
#: are ValueErrors; faiss raises RuntimeErrors.
NONSENSE = (
    ValueError, LookupError, TypeError, AttributeError, RuntimeError, EOFError, BadZipFile,
    zlib.error,
)  # fmt: skip


class Damaged(UserError):
    """A file of a run can't be read; its cause is what the reader raised."""


@contextmanager
def undamaged(path: str | Path) -> Iterator[None]:
    """Turn what a damaged or missing file makes its reader raise into `Damaged`: what to do.

    Around the reading alone, as any error of a value is taken for damage. What the system says of
    a sound file (no permission, no memory, a broken disk) is raised as it is.
    """
    if Path(path).is_dir():
        raise Damaged(f"{path} is a folder instead of a file: delete it and run again.")
    try:
        yield
    except (OSError, *NONSENSE) as error:
        if not Path(path).exists():
            raise Damaged(f"{path} is gone: run again.") from error
        if isinstance(error, OSError) and error.errno is not None:
            raise
        why = str(error).partition("\n")[0][:200] or type(error).__name__
        raise Damaged(f"{path} is damaged: delete it and run again ({why}).") from error


def read_json(path: str | Path) -> dict[str, Any]:
    """Return the mapping in a JSON file of a run. Raises `UserError` for a damaged one."""
    with undamaged(path):
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError(f"it holds a {type(found).__name__}")
    return found
