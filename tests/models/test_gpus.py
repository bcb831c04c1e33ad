"""Devices that needn't exist: a job has one to itself, or none."""

import os
import subprocess
import sys
import time

import pytest

from facebench.models.gpus import ENV, claim
from tests.toys.workflow import ROOT

CLAIM = """
import sys, time
from pathlib import Path
from facebench.models.gpus import ENV, claim
import os
claim(int(sys.argv[1]), Path(sys.argv[2]))
device, start = os.environ.get(ENV), time.monotonic()
print(device, flush=True)
time.sleep(float(sys.argv[3]))
print(start, time.monotonic())
"""


def job(folder, many=1, seconds=0.0, **environ):
    """Start a job that claims a device, prints it and keeps it so long."""
    inherited = {k: v for k, v in os.environ.items() if k != "CUDA_VISIBLE_DEVICES"}
    return subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(many), str(folder), str(seconds)],
        env={**inherited, "PYTHONPATH": str(ROOT / "scripts"), **environ},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_at_no_time_do_two_jobs_have_the_same_device(tmp_path):
    jobs = [job(tmp_path, seconds=0.2, CUDA_VISIBLE_DEVICES="0,1") for _ in range(8)]
    spans = {"0": [], "1": []}
    for one in jobs:
        device, times = one.communicate(timeout=60)[0].splitlines()
        spans[device].append(tuple(map(float, times.split())))
    assert len(spans["0"]) + len(spans["1"]) == 8 and spans["0"] and spans["1"]
    for device in spans.values():
        device.sort()
        assert all(end <= start for (_, end), (start, _) in zip(device, device[1:], strict=False))


def test_the_device_of_a_killed_job_is_free_at_once(tmp_path):
    holders = [job(tmp_path, seconds=600, CUDA_VISIBLE_DEVICES="0,1") for _ in range(2)]
    assert {one.stdout.readline().strip() for one in holders} == {"0", "1"}
    waiting = job(tmp_path, CUDA_VISIBLE_DEVICES="0,1")
    time.sleep(1)
    assert waiting.poll() is None
    holders[0].kill()
    assert waiting.communicate(timeout=30)[0]
    for one in holders:
        one.kill()
        one.communicate()


@pytest.mark.parametrize(
    ("many", "set_to", "listed", "seen"),
    [
        (1, None, "GPU-aa\nGPU-bb\n", "GPU-aa"),  # what the driver's program lists
        (0, None, "GPU-aa\nGPU-bb\n", ""),  # a job that asked for none sees none
        (0, "0,1", "", ""),
        (1, " 5 , 7 ", "", "5"),  # what the user allows
        (1, "3", "GPU-aa\nGPU-bb\n", "3"),  # assigned by a scheduler
        (1, "", "GPU-aa\nGPU-bb\n", ""),  # forbidden
        (1, None, "GPU-aa\n", None),  # one device: nothing to assign
        (0, None, "GPU-aa\n", None),
        (1, None, "", None),
    ],
)
def test_what_a_job_sees(tmp_path, monkeypatch, many, set_to, listed, seen):
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf '{listed}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv(ENV, set_to or "")
    if set_to is None:
        monkeypatch.delenv(ENV)
    claim(many, tmp_path / "locks")
    assert os.environ.get(ENV) == seen
