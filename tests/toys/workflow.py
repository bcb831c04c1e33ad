"""A small study of the whole workflow, and how tests run it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml

from tests.toys.forked import snakemake

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "datasets"

#: The name of the studies that tests write, from that of their file; and where its results lie.
NAME = "study"
RESULTS = Path("results", NAME)
#: What to ask a run for when only its numbers are looked at: not the sheets, charts and summaries.
NUMBERS = ("--", str(RESULTS / "metrics.parquet"))

#: A model without training, so small that it costs no more than its start.
RANDOM = {
    "family": "random", "path": str(ROOT / "weights" / "mini-s"),
    "threads": 1, "gpu": 0, "mem_mb": 1000,
}  # fmt: skip

#: Two data sets without a real face: rendered people, and a folder of troublesome pictures.
STUDY = {
    "evaluate": {
        "datasets": ["tiny-people", "nasty"],
        "crops": ["tight", "background"],
        "models": ["pixels", "random-tiny"],
        "protocols": ["verify", "identify", "neighbour", "open_set", "name"],
        "attacks": [],
    },
    "datasets": {
        "tiny-people": {"reader": "people", "people": 24, "views": 5, "size": 64},
        "nasty": {"reader": "folder", "folder": "photos"},
    },
    "models": {"random-tiny": {**RANDOM, "seed": 1}},
    "name": {"templates": ["a photo of {}", "{}"], "distractors": 20, "candidates": [10]},
    # Pictures one by one: many moments to be killed at, and the same sums however they are split.
    "embed": {"shard": 1},
    "statistics": {"draws": 200},
}


def command_of(directory, study, *arguments):
    """Write `study` into `directory`; return the command that runs it there."""
    config = Path(directory) / f"{NAME}.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(yaml.safe_dump(study, allow_unicode=True))
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--snakefile", ROOT / "Snakefile"]
    return [*command, "--directory", directory, "--configfile", config, *arguments]


def workflow(directory, study, *arguments, check=True, env=None):
    """Run Snakemake on `study` in `directory`; return the finished process."""
    _, _, _, *given = map(str, command_of(directory, study, *arguments))
    done = snakemake(given, {**os.environ, **(env or {})})
    assert not check or done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    return done


def killed(directory, study, state, *arguments):
    """Run Snakemake on `study` and kill it, and all its jobs, once `state()` is true."""
    command = command_of(directory, study, *arguments)
    log = Path(directory) / "killed.log"
    with open(log, "w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)
        try:
            wait_for(state, process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(state, process, seconds=300):
    """Look again and again whether `state()` is true, while a process runs."""
    deadline = time.monotonic() + seconds
    while not state():
        assert process.poll() is None, "the run was over before it could be killed"
        assert time.monotonic() < deadline, "what is waited for never came"
        time.sleep(0.001)


def copied(directory, to):
    """Copy a finished run, with the times of its files and what Snakemake knows of them."""
    return Path(shutil.copytree(directory, to, symlinks=True))


def files_in(folder):
    """Return all files below a folder: relative path -> inode, which a new file has, and content.

    Their times say less: Snakemake touches what a job left alone.
    """
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.read_bytes())
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def jobs(done):
    """Return the steps that a run finished (or a dry run planned), with how often."""
    counted = {}
    for name in re.findall(
        r"^(?:(?:local)?rule (\w+):|\[ *\d+/\d+\] (\w+))", done.stdout + done.stderr, re.MULTILINE
    ):
        name = "".join(name).split("__")[0]
        counted[name] = counted.get(name, 0) + 1
    return counted
