"""A run on a machine with several GPUs, which needn't exist: a job that asks for one has one."""

import re
from copy import deepcopy

import pytest

from tests.toys.workflow import ROOT, STUDY, copied, workflow

pytestmark = pytest.mark.workflow

#: Models of the smallest kind, as if they needed a GPU, and one that needs none.
GPUS = {"pixels-1": 1, "pixels-2": 1, "pixels-3": 1, "pixels-4": 0}
DEVICES = {"CUDA_VISIBLE_DEVICES": "toy-a,toy-b"}


def test_every_job_that_asks_for_a_gpu_takes_one_and_no_other_does(run_dir, tmp_path):
    directory = copied(run_dir, tmp_path / "run")
    study = deepcopy(STUDY)
    study["evaluate"] |= {"datasets": ["tiny-people"], "models": list(GPUS)}
    study["models"] = {name: {"family": "pixels", "gpu": gpu} for name, gpu in GPUS.items()}
    vectors = "store/tiny-people/tight/clean/{}/img_emb/img_emb_0000.npy"
    workflow(
        *(directory, study, "--workflow-profile", ROOT / "profiles" / "gpus"),
        *("--resources", "gpu=2", "--", *(vectors.format(name) for name in GPUS)),
        env=DEVICES,
    )
    for name, gpu in GPUS.items():
        (log,) = directory.glob(f"logs/embed__*/{name}-0000.log")
        taken = re.findall(r"GPU (\S+) of toy-a, toy-b$", log.read_text(), re.MULTILINE)
        assert len(taken) == gpu and set(taken) <= {"toy-a", "toy-b"}
