"""Writing files atomically: neither a reader nor a run after a crash sees half a file.

After a power cut, too: a new name can reach the disk before the content does, so that a file is
there and empty. Content is therefore forced onto the disk before it gets its name. The name itself
isn't: whatever the power cut takes, the file is whole or not there.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from facebench.errors import UserError


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to, which replaces `path` if nothing fails.

    Folders are made as needed. A partial file is removed after a failure.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def replace(part: str | Path, path: str | Path) -> None:
    """Give the file `part` the name `path`: whenever the power fails, it is there whole or not.

    Raises `UserError` where a folder has the name.
    """
    if Path(path).is_dir():
        raise UserError(f"{path} is a folder, but a file of this name is to be written: remove it.")
    handle = os.open(part, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(part, path)


def write_json(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as readable JSON. Raises `ValueError` for NaN, which JSON hasn't."""
    with replacing(path) as part:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        part.write_text(f"{text}\n", encoding="utf-8")


def move_folder(folder: str | Path, to: str | Path) -> None:
    """Give a complete folder the name `to`, in the same way; nothing may be there.

    Everything that waits to be written is, which takes less time than each file on its own.
    """
    os.sync()
    shutil.move(folder, to)
