"""Stop a study again and again; does it end with the bytes of a run that nobody disturbed?

    .venv/bin/python -m tools.interrupt_study /tmp/stops --moments 20
    .venv/bin/python -m tools.interrupt_study /tmp/stops --configfile studies/lfw.yaml

One run is left alone (/tmp/stops/whole), another is stopped at so many moments and started again
each time (/tmp/stops/stopped): by SIGKILL of Snakemake alone, by SIGTERM of it, and by Ctrl-C of
all its processes, in turn. The moments are spread at random over the time of the first run. Then
all files below data/, results/, store/ and trained/ are compared, and the program ends with 1 if
one differs, is missing, or is left over. For short steps see tools.interrupt_steps.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What is compared; what a step remembers of a user's files holds times.
FOLDERS, LEFT_OUT = ("data", "results", "store", "trained"), ".seen"


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill Snakemake; its steps end by themselves."""
    process.kill()


def terminate(process: subprocess.Popen[bytes]) -> None:
    """End Snakemake as a scheduler does."""
    process.terminate()


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C, which reaches all processes."""
    os.killpg(process.pid, signal.SIGINT)


WAYS: Sequence[Callable[[subprocess.Popen[bytes]], None]] = (kill, terminate, interrupt)


def started(directory: Path, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the study in a directory, its output in `log` there."""
    directory.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--directory", str(directory)]
    with open(directory / "log", "ab") as log:
        # Nothing of the command comes from outside.
        return subprocess.Popen(  # noqa: S603
            [*command, *arguments],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=hear_ctrl_c,
        )


def hear_ctrl_c() -> None:
    """Let Ctrl-C stop this process: where this program runs in the background, it is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def waited(process: subprocess.Popen[bytes], seconds: float | None) -> bool:
    """Return whether a run ended by itself within some seconds. Exits if it failed."""
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    if status:
        sys.exit(f"The run failed by itself, with status {status}: see its log.")
    return True


def contents(directory: Path) -> dict[str, bytes]:
    """Return the files that are compared, by their path."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for folder in FOLDERS
        for path in sorted((directory / folder).rglob("*"))
        if path.is_file() and LEFT_OUT not in path.parts
    }


def differences(whole: dict[str, bytes], stopped: dict[str, bytes]) -> list[str]:
    """Return a line for each file that is not the same in both.

    >>> differences({"a": b"1", "b": b"2"}, {"a": b"3", "c": b"4"})
    ['a differs', 'b is missing', 'c is left over']
    """
    lines = []
    for path in sorted({*whole, *stopped}):
        if path not in stopped:
            lines.append(f"{path} is missing")
        elif path not in whole:
            lines.append(f"{path} is left over")
        elif whole[path] != stopped[path]:
            lines.append(f"{path} differs")
    return lines


def stopped_at(
    folder: Path, arguments: Sequence[str], moments: int, apart: float | None, seed: int
) -> int:
    """Run a study twice, once undisturbed; return in how many files the two differ.

    Args:
        folder: where the two runs are: `whole` and `stopped`.
        arguments: Snakemake's: the study, and what is asked for.
        moments: how often the second run is stopped, at most.
        apart: seconds between stops, on the average; None: evenly over the time of the first run.
        seed: of the moments.
    """
    begun = time.monotonic()
    waited(started(folder / "whole", arguments), None)
    took = time.monotonic() - begun
    print(f"The run that was left alone took {took:.0f} s.", flush=True)
    apart = apart or took / moments
    draws, done, ways = random.Random(seed), False, [0] * len(WAYS)  # noqa: S311
    for moment in range(moments):
        process = started(folder / "stopped", arguments)
        # A start takes some seconds, in which nothing is done.
        if done := waited(process, draws.uniform(0.5, 1.5) * apart + 4):
            break
        way = moment % len(WAYS)
        WAYS[way](process)
        process.wait()
        ways[way] += 1
    done or waited(started(folder / "stopped", arguments), None)
    told = ", ".join(f"{way.__name__} {count}" for way, count in zip(WAYS, ways, strict=True))
    whole, stopped = contents(folder / "whole"), contents(folder / "stopped")
    lines = differences(whole, stopped)
    print(f"Stopped {sum(ways)} times ({told}); {len(lines)} of {len(whole)} files differ.")
    print("\n".join(lines), flush=True)
    return len(lines)


def main() -> int:
    """Return 1 if the stopped run ended otherwise than the one that was left alone."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("folder", type=Path, help="an empty folder, or one of an earlier try")
    words.add_argument("--moments", type=int, default=20, help="how often to stop it")
    words.add_argument(
        "--apart", type=float, help="seconds between stops; spread evenly if not given"
    )
    words.add_argument("--seed", type=int, default=0, help="of the moments")
    words.add_argument("--configfile", help="the study, if not the default one")
    chosen = words.parse_args()
    arguments = ["--configfile", chosen.configfile] if chosen.configfile else []
    return int(stopped_at(chosen.folder, arguments, chosen.moments, chosen.apart, chosen.seed) > 0)


if __name__ == "__main__":
    sys.exit(main())
