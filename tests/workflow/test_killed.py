"""A killed run: the same command goes on by itself, and a living run keeps its directory."""

import os
import re
import signal
import subprocess
import time
from copy import deepcopy
from pathlib import Path

import pytest

from tests.toys.workflow import NAME, RESULTS, STUDY, command_of, wait_for, workflow

pytestmark = pytest.mark.workflow

LEFT = "An earlier run was killed: its lock on this directory is removed."


def study():
    """Return a study that renders for some seconds before anything else."""
    small = deepcopy(STUDY)
    people = {**small["datasets"]["tiny-people"], "people": 30, "size": 96}
    small["datasets"] = {"tiny-people": people}
    small["evaluate"] |= {
        "datasets": ["tiny-people"], "crops": ["full"], "models": ["pixels"],
        "protocols": ["identify"],
    }  # fmt: skip
    return small


@pytest.fixture
def started(tmp_path):
    """A run that renders: its directory, its process, and the process of its step."""
    log = open(tmp_path / "log", "w")  # noqa: SIM115
    command = command_of(tmp_path, study(), "--", "store/tiny-people/images.parquet")
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    work = tmp_path / "work" / "render_people" / "tiny-people"
    wait_for(lambda: any(work.glob("s*/*.jpg")), process)
    (step,) = [int(path.name.split("-")[-1][:-5]) for path in held(tmp_path, "step")]
    yield tmp_path, process, step
    for pid in (process.pid, step):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def held(directory, what):
    return [*(directory / ".snakemake" / "facebench").glob(f"*.{what}")]


def lives(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0]
    except FileNotFoundError:
        return False


def again(directory, *arguments, check=True):
    target = ("--", "store/tiny-people/images.parquet")
    return workflow(directory, study(), *arguments, *target, check=check)


def test_a_run_whose_processes_were_all_killed_goes_on(started):
    directory, process, _ = started
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    drawn = len([*directory.glob("work/render_people/tiny-people/s*")])
    done = again(directory)
    assert LEFT in done.stderr and "unlock" not in done.stdout + done.stderr
    assert drawn and (directory / "store/tiny-people/images.parquet").exists()
    assert not held(directory, "run") and not held(directory, "step")
    assert LEFT not in again(directory).stderr


def test_a_step_ends_with_its_run_and_the_next_run_waits_for_that(started):
    directory, process, step = started
    os.kill(process.pid, signal.SIGKILL)  # the step lives on, for a second
    done = again(directory)
    assert LEFT in done.stderr and not lives(step)
    process.wait()


def test_a_lock_that_a_living_run_holds_is_respected(started):
    directory, process, step = started
    os.kill(step, signal.SIGSTOP)  # it must not end before the others have tried
    locks = sorted(directory.glob(".snakemake/locks/*"))
    done = again(directory, check=False)
    at_work = (
        rf"A run of the study {NAME} is at work here, since \d\d:\d\d \(process {process.pid};"
    )
    assert done.returncode and re.search(at_work, done.stderr.splitlines()[-1])
    assert "and goes on. This one needs the same files: run it again after" in done.stderr
    plan = again(directory, "--dry-run", "--quiet", "rules")
    assert len(re.findall(f"{at_work} 0 of 2 steps are done\\), and goes on", plan.stderr)) == 1
    for said in (done.stdout + done.stderr, plan.stdout + plan.stderr):
        assert "unlock" not in said and "cannot be locked" not in said
    assert sorted(directory.glob(".snakemake/locks/*")) == locks and locks
    assert process.poll() is None and lives(step)


def test_a_dry_run_takes_nothing_from_the_run_that_follows(tmp_path):
    again(tmp_path, "--dry-run")
    assert not held(tmp_path, "run")


def test_numbers_and_secrets_on_the_command_line(tmp_path):
    done = workflow(
        tmp_path, study(), "--dry-run", "--config", "statistics={draws: 7}",
        "dashboard={own: [a, a]}", check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "statistics.draws is 7; it must be at least 100" in said and "holds something" in said
    done = workflow(tmp_path, study(), "--dry-run", "--config", "statistics={draws: 200}")
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("evaluate: {models: [a]}\nevaluate: {models: [b]}", "line 2: the key 'evaluate' is given"),
        ("study: x\n3: 4", "the key 3 is no text: write '3'"),
        ("statistics: {confidence: .nan}", "statistics.confidence is nan"),
        ('study: "a\\n"', "study: 'a\\n' must match"),
    ],
)
def test_a_file_that_yaml_would_swallow_is_refused(tmp_path, text, words):
    from tests.toys.workflow import NAME, ROOT

    command = [*command_of(tmp_path, {}), "--dry-run"]
    (tmp_path / f"{NAME}.yaml").write_text(text)
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    said = done.stdout + done.stderr
    assert done.returncode and words in said and "Traceback" not in said


def test_a_python_in_a_path_with_a_space_is_told(tmp_path):
    import sys

    from tests.toys.workflow import NAME, ROOT

    command = command_of(tmp_path, study())
    (tmp_path / "my dir").mkdir()
    (tmp_path / "my dir" / "venv").symlink_to(Path(sys.prefix))
    python = tmp_path / "my dir" / "venv" / "bin" / "python"
    done = subprocess.run([python, *command[1:]], capture_output=True, text=True, cwd=ROOT)
    said = done.stdout + done.stderr
    assert done.returncode and "can't start a path with spaces" in said and NAME in str(command)
    assert not (tmp_path / RESULTS).exists() and "Traceback" not in said


def test_a_token_in_an_address_is_in_no_file_of_a_run(tmp_path):
    import hashlib
    import io
    import tarfile

    from tests.toys.mirrors import answer, serving

    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        info = tarfile.TarInfo("nobody/1.jpg")
        info.size = 4
        tar.addfile(info, io.BytesIO(b"none"))
    data = file.getvalue()
    with serving([answer(status="500 Oops"), answer(body=data)]) as (server,):
        small = study()
        small["datasets"]["theirs"] = {
            "reader": "folder",
            "files": {
                "archive": {
                    "name": "a.tgz", "sha256": hashlib.sha256(data).hexdigest(),
                    "urls": [f"{server.url}?token=s3cret", f"{server.url}?t=$FACEBENCH_S3CRET"],
                }
            },
        }  # fmt: skip
        small["evaluate"]["datasets"] = ["theirs"]
        env = {"FACEBENCH_S3CRET": "s3cret2", "HF_TOKEN": "hf_s3cret3"}
        workflow(tmp_path, small, "--", "data/theirs/images", env=env)
    time.sleep(0.1)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".yaml"]
    assert len(files) > 4
    assert [path for path in files if b"s3cret" in path.read_bytes()] == []
