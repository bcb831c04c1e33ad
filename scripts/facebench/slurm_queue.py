"""Jobs that a killed run left in Slurm's queue: they would write what the next run writes."""

import shutil
import subprocess
import time
from pathlib import Path

#: Where Snakemake's plugin for Slurm lets the jobs of the working directory print.
LOGS = Path(".snakemake/slurm_logs")
#: Seconds that cancelled jobs have to end, and between two looks.
PATIENCE, LOOK = 60, 0.5


def cancel_left(logs: Path = LOGS) -> list[str]:
    """Cancel the queued and running jobs of this working directory; return their numbers.

    Call it while this process alone runs the workflow here. The jobs are known by the file that
    they print to, below `logs`, and have ended, or had a minute to, when this returns. Does nothing
    where there is no Slurm, or none that answers.
    """
    if not logs.is_dir() or shutil.which("squeue") is None:
        return []
    left = jobs_printing_to(logs)
    if left:
        _told("scancel", *left)
        deadline = time.monotonic() + PATIENCE
        while jobs_printing_to(logs) and time.monotonic() < deadline:
            time.sleep(LOOK)
    return left


def jobs_printing_to(folder: Path) -> list[str]:
    """Return the numbers of the user's jobs in the queue that print to files below `folder`."""
    place = f"{folder.resolve()}/"
    jobs = [
        line.split(maxsplit=1)
        for line in _told(
            "squeue", "--me", "--noheader", "--Format=JobID:20,STDOUT:4096"
        ).splitlines()
    ]
    return [job[0] for job in jobs if len(job) == 2 and job[1].startswith(place)]


def _told(*command: str) -> str:
    """Return what one of Slurm's commands prints; nothing if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout if done.returncode == 0 else ""
