"""Records: everything that a number depends on, carried along from step to step.

A record is a plain dictionary with one entry a step ("data", "faces", "embed", ...). Each step
extends the record of its input and stores it inside its own output (`facebench.store.tables`), so
that a number's record is complete without any file beside it. Nothing in a record depends on when
or where a step ran: the same study gives the same record.
"""

import hashlib
import json
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import facebench

Record = dict[str, Any]


def extend(record: Record, step: str, **facts: Any) -> Record:
    """Return `record` with what `step` adds to it.

    >>> extend({"data": {"reader": "lfw"}}, "faces", crop="tight")
    {'data': {'reader': 'lfw'}, 'faces': {'crop': 'tight'}}
    """
    return {**record, step: facts}


def record_id(record: Record) -> str:
    """Return the 12 hexadecimal digits that stand for a record in the metrics table.

    >>> record_id({"a": 1, "b": 2}) == record_id({"b": 2, "a": 1})
    True
    """
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def work_key(record: Record) -> Record:
    """Return what unfinished work of a record depends on: all but the commits.

    A commit that changes no source must not discard finished shards.

    >>> work_key({"embed": {"dim": 2, "code": {"sources": "ab", "commit": "cd"}}})
    {'embed': {'dim': 2, 'code': {'sources': 'ab'}}}
    """
    return {
        key: work_key(value) if isinstance(value, dict) else value
        for key, value in record.items()
        if key != "commit"
    }


def file_sha256(path: str | Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_version(sources: str) -> dict[str, str]:
    """Return facebench's version, the hash of a step's `sources` and, in a checkout, the commit.

    The hash tells whether two numbers came from the same code even where git is missing.
    """
    return {"version": facebench.__version__, "sources": sources, "commit": _commit()}


@cache
def _commit() -> str:
    folder = Path(facebench.__file__).parent
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        # Nothing of the command comes from outside.
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() or "unknown"


def library_versions(*names: str) -> dict[str, str]:
    """Return the versions of installed distributions; "none" for one that is not installed.

    >>> library_versions("no-such-library")
    {'no-such-library': 'none'}
    """
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found
