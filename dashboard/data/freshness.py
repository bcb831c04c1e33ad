"""Tracks the files that a page has read and their state, to detect stale results."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Any

from dashboard.data import places

#: Time and size of a file.
Stamp = tuple[int, int]

#: A file, or a folder and a pattern -> its state when it was read; None: not there.
Tracked = dict[tuple[Path, str], Any]

_tracked: ContextVar[Tracked | None] = ContextVar("tracked", default=None)


def state(path: Path, pattern: str = "") -> Any:
    """Return the stamp of a file, or those of all files in a folder that match a pattern."""
    if pattern:
        return tuple((found, state(found)) for found in sorted(path.glob(pattern)))
    try:
        found = path.stat()
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return None
    return found.st_mtime_ns, found.st_size


def track(path: Path, pattern: str = "") -> Any:
    """Return the state of a file or folder, and remember it for the page that asks."""
    found = state(path, pattern)
    _remember({(path, pattern): found})
    return found


def _remember(more: Tracked) -> None:
    tracked = _tracked.get()
    if tracked is not None:
        # The first state counts: a change while the page is made must be noticed.
        for key, found in more.items():
            tracked.setdefault(key, found)


def begin() -> Tracked:
    """Return a mapping that from now on collects all that is tracked: for a page."""
    tracked: Tracked = {}
    _tracked.set(tracked)
    return tracked


@contextmanager
def _nested() -> Iterator[Tracked]:
    """Collect what a block tracks, and pass it on to the page around it."""
    tracked: Tracked = {}
    before = _tracked.set(tracked)
    try:
        yield tracked
    finally:
        _tracked.reset(before)
        _remember(tracked)


def changed(tracked: Tracked) -> bool:
    """Return whether any file has changed since it was tracked."""
    return any(state(*key) != found for key, found in list(tracked.items()))


def cached_until_changed(most: int = 64) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Cache the `most` recently used results of a function with hashable arguments.

    An entry is dropped when a file tracked during the call changes. Sessions share the entries:
    callers must not modify them.
    """

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        entries: OrderedDict[tuple, tuple[Tracked, Any]] = OrderedDict()
        running: dict[tuple, Lock] = {}
        lock = Lock()

        @wraps(function)
        def cached(*arguments: Any) -> Any:
            key = (places.study_folder(), *arguments)
            with lock:
                mine = running.setdefault(key, Lock())
            with mine:  # two sessions that need the same make it once
                with lock:
                    entry = entries.get(key)
                if entry is None or changed(entry[0]):
                    with _nested() as tracked:
                        entry = tracked, function(*arguments)
                else:
                    _remember(entry[0])
                with lock:
                    entries[key] = entry
                    entries.move_to_end(key)
                    while len(entries) > most:
                        running.pop(entries.popitem(last=False)[0], None)
            return entry[1]

        return cached

    return decorated
