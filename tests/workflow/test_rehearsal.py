"""The paper's study at small size, from weights on a hub to its report, without a network."""

import shutil

import pytest

from tests.toys.forked import snakemake
from tools.rehearsal import outcome, study
from tools.rehearsal.__main__ import rehearse

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def forked(arguments, environment):
    """Run Snakemake as the tests do; return its exit status."""
    done = snakemake(arguments, environment)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    return done.returncode


def test_every_part_of_the_papers_study_runs_and_a_family_that_fails_is_missed(tmp_path):
    found = rehearse(tmp_path, studies=["paper"], run=forked)
    assert [part for part in found if not part.ran] == []
    assert {part.kind for part in found} >= {"family", "protocol", "claim", "threshold", "file"}

    models = study.models_of(["paper"], gigabytes=0)
    lost = next(one for one in models if one.family == "timm")
    shutil.rmtree(tmp_path / "results/paper/celeba/full" / lost.called)
    config = study.config_of("paper", tmp_path / "studies" / "paper.yaml")
    again = outcome.parts(config, {one.called: one.family for one in models}, tmp_path)
    missed = {(part.kind, part.name) for part in again if not part.ran}
    protocols = {("protocol", name) for name in config["evaluate"]["protocols"]}
    assert missed == {("family", "timm"), ("data set", "celeba"), ("crop", "full"), *protocols}
