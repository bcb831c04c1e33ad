"""Which runs are at work in a folder, told to others: a second run, a plan, the dashboard."""

import fcntl
import os
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from facebench import running


@dataclass(frozen=True)
class Work:
    """A run or a step at work: host and number of its process, and what a run says of itself."""

    path: Path
    host: str
    process: int
    facts: dict[str, Any]

    @property
    def study(self) -> str:
        """The study that a run is of; empty where it doesn't say."""
        return str(self.facts.get("study", ""))

    def __str__(self) -> str:
        """Which run it is, since when, and how far.

        >>> str(Work(Path("a-7.run"), "a", 7, {"study": "lfw", "done": 2, "total": 9}))
        'A run of the study lfw is at work here (process 7 on a; 2 of 9 steps are done)'
        """
        of = f" of the study {self.study}" if self.study else ""
        since = f", since {when(float(at))}" if (at := self.facts.get("since")) else ""
        far = ""
        if total := self.facts.get("total"):
            far = f"; {self.facts.get('done', 0):,} of {total:,} steps are done"
        where = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"A run{of} is at work here{since} (process {self.process}{where}{far})"


def runs(folder: str | Path = ".") -> list[Work]:
    """Return the runs that are at work in a folder, without this process."""
    return _held(Path(folder), "run")


def locked() -> str:
    """Return what to say where Snakemake's lock keeps this run out: who is at work, what to do."""
    if found := runs():
        who = ". ".join(map(str, found))
        return f"{who}, and goes on. This one needs the same files: run it again after that."
    if steps := _held(Path(), "step"):
        numbers = ", ".join(str(step.process) for step in steps)
        return (
            f"Steps of a run that was killed are still ending here (process {numbers}): run the"
            " same again in a minute."
        )
    return (
        f"A lock of Snakemake's is on {os.getcwd()}, and no run is known to be at work there. If"
        " there is none on any machine that shares this folder, the lock is a leftover: take it"
        f" away with `.venv/bin/snakemake --unlock --directory {os.getcwd()}`, and run again."
    )


def _held(folder: Path, what: str) -> list[Work]:
    mine, found = (socket.gethostname(), os.getpid()), []
    for path in sorted((folder / running.FOLDER).glob(f"*-*.{what}")):
        host, _, number = path.stem.rpartition("-")
        if number.isdigit() and (host, int(number)) != mine and _is_held(path):
            found.append(Work(path, host, int(number), running.said(path)))
    return found


def _is_held(path: Path) -> bool:
    """Return whether a living process holds a file."""
    try:
        with open(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # gone, not readable, or a file system that can't say
        return False
    return False


def when(seconds: float) -> str:
    """Return a time as people say it: without the day, if that is today.

    >>> when(0)[-5:].count(":")
    1
    """
    at = datetime.fromtimestamp(seconds)
    today = at.date() == datetime.now().date()
    return f"{at:%H:%M}" if today else f"{at:%-d %B, %H:%M}"
