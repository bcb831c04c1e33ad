"""Which files were looked at, and as they were: what tells that something made of them is stale."""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Any

Stamp = tuple[int, int]

#: What was looked at, a file or those of a folder that match a pattern -> as it was; None: gone.
Notes = dict[tuple[Path, str], Any]

_notes: ContextVar[Notes | None] = ContextVar("notes", default=None)


def state(path: Path, pattern: str = "") -> Any:
    """Return what changes when a file does, or any of a folder's that match; None if it's gone."""
    if pattern:
        return tuple((found, state(found)) for found in sorted(path.glob(pattern)))
    try:
        found = path.stat()
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return None
    return found.st_mtime_ns, found.st_size


def look(path: Path, pattern: str = "") -> Any:
    """Return the state of a file or folder, and note it."""
    found = state(path, pattern)
    _add({(path, pattern): found})
    return found


def _add(more: Notes) -> None:
    notes = _notes.get()
    if notes is not None:
        # The first look counts: what changes while a page is made is new to it.
        for key, found in more.items():
            notes.setdefault(key, found)


def begin() -> Notes:
    """Return notes that hold, from now on, all that is looked at: for a page."""
    notes: Notes = {}
    _notes.set(notes)
    return notes


@contextmanager
def _apart() -> Iterator[Notes]:
    """Give the notes of a block, which are added to those around it."""
    notes: Notes = {}
    before = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(before)
        _add(notes)


def changed(notes: Notes) -> bool:
    """Return whether anything that was looked at is no longer as it was."""
    return any(state(*key) != found for key, found in list(notes.items()))


def kept(most: int = 64) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Keep what a function of texts made of results until a file that it looked at changes.

    `most` results are kept, those of last use; nobody may change one.
    """

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        made: OrderedDict[tuple, tuple[Notes, Any]] = OrderedDict()
        lock = Lock()

        @wraps(function)
        def again(*arguments: Any) -> Any:
            key = (os.environ.get("FACEBENCH_RESULTS"), *arguments)
            with lock:
                known = made.get(key)
            if known is None or changed(known[0]):
                with _apart() as notes:
                    known = notes, function(*arguments)
            else:
                _add(known[0])
            with lock:
                made[key] = known
                made.move_to_end(key)
                while len(made) > most:
                    made.popitem(last=False)
            return known[1]

        return again

    return decorated
