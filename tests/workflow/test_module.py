"""The workflow used by another one, in another folder, as Snakemake's modules are."""

import os
import shutil

import pytest

from tests.toys.forked import snakemake
from tests.toys.workflow import ROOT, jobs

pytestmark = pytest.mark.workflow
EXAMPLE = ROOT / "config" / "module.smk"

STUDY = ROOT / ".test" / "config" / "config.yaml"


def run(folder, snakefile, *arguments):
    """Run another workflow in a folder; return the finished process."""
    (folder / "Snakefile").write_text(snakefile, encoding="utf-8")
    shutil.copy(STUDY, folder / "config.yaml")
    given = ["--cores", "2", "--directory", folder, "--snakefile", folder / "Snakefile"]
    done = snakemake([*map(str, given), *arguments], dict(os.environ))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    return done


def example():
    """Return the example of the documents, with this checkout in it."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count("/path/to/facebench/Snakefile") == 1
    return text.replace("/path/to/facebench/Snakefile", str(ROOT / "Snakefile"))


def test_another_workflow_uses_a_study_and_makes_a_target_of_its_own(tmp_path):
    planned = run(tmp_path, example(), "--dry-run")
    said = planned.stdout + planned.stderr
    # Its own rule, and ours under the name that it gives them.
    assert "rule best" in said and "rule facebench_evaluate__few" in said
    assert "facebench_summary" not in said, "only what its target needs"
    assert not (tmp_path / "results").exists()
    run(tmp_path, example())
    (best,) = (tmp_path / "best.txt").read_text(encoding="utf-8").splitlines()
    assert best.startswith("few,full,pixels,identify,rank,1,")


def test_a_module_without_a_configuration_is_the_default_study(tmp_path):
    text = example().replace("    config:\n        config\n", "")
    assert text != example()
    target = "results/default/metrics.parquet"
    done = run(tmp_path, text.replace("results/few/metrics.csv", target), "--dry-run")
    assert "facebench_evaluate__people" in done.stdout + done.stderr


def test_the_smallest_study_plans_every_step_to_its_end(tmp_path):
    given = ["--cores", "1", "--dry-run", "--snakefile", ROOT / "Snakefile"]
    given += ["--directory", tmp_path, "--configfile", STUDY]
    done = snakemake([*map(str, given)], dict(os.environ))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"render_people", "embed", "evaluate", "claims", "summary"} <= jobs(done).keys()
