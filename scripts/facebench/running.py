"""Who works in a directory, so that a killed run's locks are told from those of a living one.

Snakemake locks a directory with files, which a killed run leaves behind. Here every process holds
a file in `FOLDER` that the system lets go of when the process ends, however it ends. In its file a
run says what it is: `facebench.at_work` reads that. A step ends with its run, and when that is
stopped: it would go on writing beside the next one.
"""

import atexit
import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

FOLDER = Path(".snakemake/facebench")
LOCKS = Path(".snakemake/locks")

#: The file that a run holds, for its steps: set by `begin`.
ENV_RUN = "FACEBENCH_RUN"

#: Seconds that a new run waits for the steps of a killed one, and between two looks.
PATIENCE, LOOK = 15, 0.5

#: Seconds that a step has to end by itself, as Ctrl-C lets it, when its run is stopped.
GRACE = 3

_held: list[IO[str]] = []
#: What this run says of itself.
_facts: dict[str, Any] = {}


def begin(study: str = "") -> None:
    """Note that this process is a run in the working directory; remove what a killed one left.

    study: which one it is of. A killed run's locks stay where a run, or a step, still lives. Does
    nothing in a directory, or on a file system, in which nothing can be held.
    """
    with suppress(OSError):
        FOLDER.mkdir(parents=True, exist_ok=True)
        os.environ[ENV_RUN] = str(_hold("run"))
        note(study=study, since=time.time())
        deadline = time.monotonic() + PATIENCE
        while any(LOCKS.glob("*.lock")):
            with _alone():
                living = _living()
                if not living:
                    _unlock()
            if any(path.suffix == ".run" for path in living) or time.monotonic() > deadline:
                break
            time.sleep(LOOK if living else 0)


def note(**facts: Any) -> None:
    """Say of this run what is known by now, in the file that it holds; elsewhere do nothing.

    `study`, `since` (seconds since 1970), `done` and `total` (steps), `stopping`. One system call
    writes it, so that a signal's handler may.
    """
    _facts.update(facts)
    for file in _held:
        if str(file.name) == os.environ.get(ENV_RUN):
            with suppress(OSError):
                os.pwrite(file.fileno(), f"{json.dumps(_facts)}\n".encode(), 0)


def said(run: str | Path) -> dict[str, Any]:
    """Return what a run said of itself last; nothing where that can't be read.

    >>> said("nowhere.run")
    {}
    """
    try:
        # What an earlier, longer line left behind comes after the first one.
        found = json.loads(Path(run).read_text(encoding="utf-8").split("\n", 1)[0])
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def join() -> None:
    """Note that this process is a step of a run, and end it when the run ends or is stopped.

    Does nothing without a run, or if that is on another machine.
    """
    run = Path(os.environ.get(ENV_RUN, ""))
    if run.name.startswith(f"{socket.gethostname()}-"):
        if said(run).get("stopping"):
            sys.exit("The run of this step was stopped before the step began.")
        with suppress(OSError):
            _hold("step")
            threading.Thread(target=_end_with, args=(run,), daemon=True).start()


def _hold(what: str) -> Path:
    """Create and lock the file of this process; return its path."""
    path = (FOLDER / f"{socket.gethostname()}-{os.getpid()}.{what}").absolute()
    with _alone():
        file = open(path, "w")  # noqa: SIM115 - held until the process ends
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _held.append(file)
    atexit.register(path.unlink, missing_ok=True)
    return path


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other process look at, or create, files meanwhile. Raises `OSError` if that fails."""
    with open(FOLDER / "gate", "w") as gate:
        for _ in range(50):
            with suppress(BlockingIOError):
                fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(0.1)
        else:
            raise OSError("the gate is held")
        yield


def _living() -> list[Path]:
    """Return the files that other processes hold; remove those that nobody holds any longer."""
    mine = {Path(file.name) for file in _held}
    others = [path for path in FOLDER.absolute().glob("*-*.*") if path not in mine]
    return [path for path in others if not _is_left(path, remove=True)]


def _is_left(path: Path, remove: bool = False) -> bool:
    """Return whether nobody holds a file, looking twice: others look, too."""
    for pause in (0.05, 0):
        try:
            with open(path, "r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if remove:
                    path.unlink(missing_ok=True)
            return True
        except FileNotFoundError:
            return True
        except OSError:  # held, or a file system that can't say
            time.sleep(pause)
    return False


def _unlock() -> None:
    for lock in LOCKS.glob("*.lock"):
        lock.unlink(missing_ok=True)
    print("An earlier run was killed: its lock on this directory is removed.", file=sys.stderr)


def _end_with(run: Path) -> None:
    """End this process when the run stops, or nobody holds its file any longer."""
    while not _is_left(run):
        stopping = bool(said(run).get("stopping"))
        time.sleep(GRACE if stopping else 1)
        if stopping:
            break
    print("The run of this step has ended, and the step with it.", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
