"""A study as jobs of a real Slurm: one is cancelled and tried again, then the run is killed.

Slurm is Debian's, with one node (`tests/toys/slurm.py`); the jobs run in the ordinary environment.
"""

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from copy import deepcopy

import pandas as pd
import pytest

from tests.toys.slurm import ENDING, missing, queue, slurm, told
from tests.toys.workflow import RESULTS, ROOT, STUDY, command_of, copied, files_in
from tools import cluster_env

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

MODELS = ("pixels", "random-tiny")
#: What is made on the cluster: the vectors of two models and their numbers; by then it has faces.
WANTED = [
    RESULTS / "tiny-people" / "tight" / model / "metrics" / "verify.parquet" for model in MODELS
]
#: A cluster without accounting, and looks as often as the plugin can.
HERE = [
    *("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1"),
    *("--set-resources", "embed__tiny_people__1:slurm_partition=gpu"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The environment for Slurm's commands and Snakemake, and the Python with its plugin."""
    if os.getuid() != 0 or missing():
        pytest.skip("needs root, and Slurm: apt-get install slurm-wlm munge (as .ci/run does)")
    folder = tmp_path_factory.mktemp("cluster")
    if cluster_env.main(folder / "venv") != 0:
        pytest.skip("Snakemake's plugin for Slurm could not be installed")
    with slurm(cores=32, gpus=2) as environ:
        # Every job starts Snakemake twice: compiled once, that takes a third of the time.
        environ = {**environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        yield environ, folder / "venv" / "bin" / "python"


def study():
    """Return the part of `STUDY` that is about rendered people; one model asks for a GPU."""
    mine = deepcopy(STUDY)
    mine["evaluate"] |= {"datasets": ["tiny-people"], "protocols": ["verify"]}
    mine["models"]["random-tiny"]["gpu"] = 1
    return mine


@contextmanager
def running(cluster, directory):
    """Run the study through the profile; yield the process and its log, and kill it at the end."""
    environ, python = cluster
    command = command_of(directory, study())
    at = command.index("--cores")
    command[:at] = [python, "-m", "snakemake"]
    command[3:5] = ["--workflow-profile", ROOT / "profiles" / "slurm"]
    log = directory / "terminal.log"
    with open(log, "w") as file:
        process = subprocess.Popen(
            [*ENDING, *command, *HERE, "--", *WANTED],
            env=environ, cwd=directory, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
        try:
            yield process, log
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def embedding(jobs, model):
    """Return those of Slurm's jobs that embed with `model`, in order."""
    return [j for j in jobs if "embed" in j["Comment"] and j["Comment"].endswith(f"_{model}")]


def wait_for_job(environ, process, log, *, model, attempt):
    """Return the job of Slurm that embeds with `model` for the `attempt`-th time, once it runs."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        mine = embedding(queue(environ), model)
        if len(mine) >= attempt and mine[-1]["JobState"] == "RUNNING":
            return mine[-1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(f"no such job: {queue(environ)}\n{log.read_text()}")


@pytest.fixture(scope="module")
def survived(cluster, run_dir, tmp_path_factory):
    """The study, after a cancelled job, a killed run and another: its folder, and what was seen."""
    environ, _ = cluster
    directory = copied(run_dir, tmp_path_factory.mktemp("slurm") / "run")
    for model in MODELS:
        for path in [
            *directory.glob(f"store/*/*/*/{model}"),
            *directory.glob(f"results/*/*/*/{model}"),
        ]:
            shutil.rmtree(path)
    seen = {}
    with running(cluster, directory) as (process, log):
        wait = dict(environ=environ, process=process, log=log, model="random-tiny")
        seen["first"] = wait_for_job(**wait, attempt=1)
        told(environ, "scancel", seen["first"]["JobId"])
        seen["again"] = wait_for_job(**wait, attempt=2)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    seen["killed"] = log.read_text()
    seen["left"] = {job["JobId"] for job in queue(environ) if job["JobState"] == "RUNNING"}
    with running(cluster, directory) as (process, log):
        process.wait(450)
    seen["status"], seen["resumed"] = process.returncode, log.read_text()
    seen["jobs"] = queue(environ)
    return directory, seen


def test_a_cancelled_job_is_tried_again_with_more_memory_and_time(survived):
    _, seen = survived
    asked = [(seen[k]["MinMemoryNode"], seen[k]["TimeLimit"]) for k in ("first", "again")]
    assert asked == [("1000M", "1-00:00:00"), ("2000M", "2-00:00:00")]
    said = (
        "embed tiny-people / random-tiny is tried again. It was cancelled (Slurm says CANCELLED)."
    )
    assert said in seen["killed"]


def test_a_failed_job_names_its_own_log_and_slurms(survived):
    directory, seen = survived
    line = next(line for line in seen["killed"].splitlines() if line.startswith("failed: embed"))
    own, slurms = line.partition("why: ")[2].split(", ")
    assert own.startswith("logs/embed__tiny_people__1/random-tiny")
    assert slurms.startswith(".snakemake/slurm_logs/")
    assert "CANCELLED" in (directory / slurms).read_text()


def test_jobs_ask_for_gpus_as_their_models_do(survived):
    _, seen = survived
    gpus = {m: {job.get("TresPerJob") for job in embedding(seen["jobs"], m)} for m in MODELS}
    assert gpus == {"pixels": {None}, "random-tiny": {"gres:gpu:1"}}
    assert seen["first"]["Partition"] == "gpu" and seen["again"]["NodeList"] == "node1"


def test_a_killed_run_is_resumed_and_its_jobs_are_cancelled(survived):
    directory, seen = survived
    assert seen["again"]["JobId"] in seen["left"]
    said = next(
        line for line in seen["resumed"].splitlines() if "its jobs in Slurm are cancelled" in line
    )
    states = {job["JobId"]: job["JobState"] for job in seen["jobs"]}
    assert seen["again"]["JobId"] in said and states[seen["again"]["JobId"]] == "CANCELLED"
    # A job may have ended by itself before the next run looked.
    ended = {number for number in seen["left"] if number not in said}
    assert {states[number] for number in ended} <= {"COMPLETED"}
    assert seen["status"] == 0, seen["resumed"]


def test_the_end_is_that_of_a_run_on_this_machine(survived, run_dir):
    directory, _ = survived
    for model in MODELS:
        ours, theirs = (
            {
                path: file[1]
                for path, file in files_in(where / "store" / "tiny-people").items()
                if f"/{model}/" in path and path.endswith(".npy")
            }
            for where in (directory, run_dir)
        )
        assert ours and ours == theirs
    for path in WANTED:
        ours, theirs = (pd.read_parquet(where / path).value for where in (directory, run_dir))
        pd.testing.assert_series_equal(ours, theirs)
