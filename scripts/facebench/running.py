"""Who works in a directory, so that a killed run's locks are told from those of a living one.

Snakemake locks a directory with files, which a killed run leaves behind. Here every process holds a
file in `FOLDER` that the system lets go of when the process ends, however it ends. A step ends with
its run: it would go on writing beside the next one.
"""

import atexit
import fcntl
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

FOLDER = Path(".snakemake/facebench")
LOCKS = Path(".snakemake/locks")

#: The file that a run holds, for its steps: set by `begin`.
ENV_RUN = "FACEBENCH_RUN"

#: Seconds that a new run waits for the steps of a killed one, and between two looks.
PATIENCE, LOOK = 15, 0.5

_held: list[IO[str]] = []


def begin() -> None:
    """Note that this process is a run in the working directory; remove what a killed one left.

    Its locks stay where a run, or a step, still lives. Does nothing in a directory, or on a file
    system, in which nothing can be held.
    """
    with suppress(OSError):
        FOLDER.mkdir(parents=True, exist_ok=True)
        os.environ[ENV_RUN] = str(_hold("run"))
        deadline = time.monotonic() + PATIENCE
        while any(LOCKS.glob("*.lock")):
            with _alone():
                living = _living()
                if not living:
                    _unlock()
            if any(path.suffix == ".run" for path in living) or time.monotonic() > deadline:
                break
            time.sleep(LOOK if living else 0)


def join() -> None:
    """Note that this process is a step of a run, and end it when the run has ended.

    Does nothing without a run, or if that is on another machine.
    """
    run = Path(os.environ.get(ENV_RUN, ""))
    if run.name.startswith(f"{socket.gethostname()}-"):
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
    """End this process when nobody holds the file `run` any longer."""
    while not _is_left(run):
        time.sleep(1)
    print("The run of this step has ended, and the step with it.", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
