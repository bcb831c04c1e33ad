"""Whether a user's own files are still those that a step has read: by content, quickly.

A step with files of a user's has the parameter `state`. At every start the names, sizes and times
of the files are compared with those that the step remembered. Only a file whose size or times
differ is read; if all have the content they had, `state` is the same and nothing runs again. Times
alone decide nothing, and those of folders aren't looked at: neither a file that was touched nor a
clock that is ahead does any harm. Standard library only: imported while Snakemake plans.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from facebench.datasets.walk import printable, walk
from facebench.errors import UserError
from facebench.store.atomic import replacing


class File(NamedTuple):
    """A file as it was found: bytes, and nanoseconds of the last change of content and of facts."""

    path: str
    size: int = -1
    changed: int = 0
    facts: int = 0

    @property
    def signs(self) -> list[int]:
        """What differs when the file may have changed."""
        return [self.size, self.changed, self.facts]


@cache
def state(places: tuple[str, ...], memory: str) -> str:
    """Return a text that changes when the content or a name of the files in `places` does.

    places: folders and files. memory: where a step wrote what it read, see `remember`. Without it,
    the text also changes when a file's times do.
    """
    now = found(places)
    known = _recalled(memory)
    if known is None or known["files"].keys() != now.keys():
        return _text_of(now)
    other = [name for name, file in now.items() if known["files"][name][0] != file.signs]
    for name in other:
        signs, content = known["files"][name]
        if signs[0] != now[name].size or content != _content(now[name]):
            return _text_of(now)
    if other:
        new = {name: [now[name].signs, known["files"][name][1]] for name in other}
        with suppress(OSError):  # a folder that can't be written to costs the comparison again
            _write(memory, {**known, "files": known["files"] | new})
    return str(known["state"])


def remember(places: Iterable[str], memory: str | Path, state: str, threads: int = 1) -> None:
    """Write to `memory` what is in `places`, before a step with this `state` reads them."""
    now = found(places)
    with ThreadPoolExecutor(threads) as pool:
        contents = pool.map(_content, now.values())
    files = {
        name: [file.signs, content]
        for (name, file), content in zip(now.items(), contents, strict=True)
    }
    _write(memory, {"state": state, "files": files})


def found(places: Iterable[str]) -> dict[str, File]:
    """Return all files in some places, by place and path: of folders, those that readers list."""
    files = {}
    for number, place in enumerate(places):
        for path in _files_of(place):
            file = _looked_at(os.path.join(place, path) if path else place)
            files[printable(f"{number}/{path}")] = file
    return dict(sorted(files.items()))


def _files_of(place: str) -> Iterator[str]:
    if not os.path.isdir(place):
        yield ""
        return
    with suppress(UserError):  # the step that reads the folder says why it can't
        yield from walk(place, [])


def _looked_at(path: str) -> File:
    try:
        there = os.stat(path)
    except OSError:
        return File(path)
    regular = stat.S_ISREG(there.st_mode)
    return File(path, there.st_size if regular else -2, there.st_mtime_ns, there.st_ctime_ns)


def _content(file: File) -> str:
    """Return a hash of what is in a file; "" for what can't be read."""
    if file.size < 0:
        return ""
    try:
        with open(file.path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    except OSError:
        return ""


def _text_of(files: Mapping[str, File]) -> str:
    digest = hashlib.sha256()
    for name, file in files.items():
        digest.update(f"{name}\0{file.signs}\0".encode())
    return digest.hexdigest()[:16]


def _recalled(memory: str | Path) -> dict[str, Any] | None:
    """Return what `remember` wrote; None where there is nothing, or nothing of sense."""
    try:
        known = json.loads(Path(memory).read_bytes())
        return known if {"state", "files"} <= known.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def _write(memory: str | Path, known: Mapping[str, Any]) -> None:
    with replacing(memory) as part:
        part.write_text(json.dumps(known))
