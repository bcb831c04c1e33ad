"""A run on a machine with several GPUs, which needn't exist: a job that asks for one has one."""

import re
from copy import deepcopy

import pytest

from tests.toys.workflow import ROOT, STUDY, copied, workflow

pytestmark = pytest.mark.workflow

#: Models of the smallest kind, as if they needed a GPU.
MODELS = ["pixels-1", "pixels-2"]
DEVICES = {"CUDA_VISIBLE_DEVICES": "toy-a,toy-b"}


def test_every_job_that_asks_for_a_gpu_takes_one(run_dir, tmp_path):
    directory = copied(run_dir, tmp_path / "run")
    study = deepcopy(STUDY)
    study["evaluate"] |= {"datasets": ["tiny-people"], "models": MODELS}
    study["models"] = {name: {"family": "pixels", "gpu": 1} for name in MODELS}
    vectors = "store/tiny-people/tight/clean/{}/img_emb/img_emb_0000.npy"
    workflow(
        *(directory, study, "--workflow-profile", ROOT / "profiles" / "gpus"),
        *("--resources", "gpu=2", "--", *(vectors.format(name) for name in MODELS)),
        env=DEVICES,
    )
    for name in MODELS:
        (log,) = directory.glob(f"logs/embed__*/{name}-0000.log")
        taken = re.findall(r"GPU (\S+) of toy-a, toy-b$", log.read_text(), re.MULTILINE)
        assert len(taken) == 1 and set(taken) <= {"toy-a", "toy-b"}
