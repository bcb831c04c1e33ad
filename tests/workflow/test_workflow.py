"""The workflow as its users run it: what it makes, what it does again, and what it survives."""

import contextlib
import json
import re
import subprocess
import sys
from copy import deepcopy
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pandas as pd
import pytest
import yaml

from tests.toys.workflow import NUMBERS, RANDOM, RESULTS, ROOT, STUDY, copied, jobs, workflow

pytestmark = pytest.mark.workflow
KEYS = ["dataset", "crop", "model", "protocol", "metric", "at", "attack"]


def numbers(directory):
    """Return the metrics of a run, without the records (which name the commit)."""
    return pd.read_parquet(directory / RESULTS / "metrics.parquet").drop(columns="record")


@pytest.fixture(scope="module")
def mine(run_dir, tmp_path_factory):
    """A copy of the small study's folder, in which Snakemake may be run."""
    return copied(run_dir, tmp_path_factory.mktemp("mine") / "run")


def test_every_number_has_a_record_and_failures_stay_in_sight(run_dir):
    metrics = pd.read_parquet(run_dir / RESULTS / "metrics.parquet")
    records = pd.read_parquet(run_dir / RESULTS / "records.parquet")
    assert set(metrics.record) <= set(records.record)
    assert not metrics.duplicated(KEYS).any()
    record = json.loads(records.json.iloc[0])
    assert {"data", "faces", "embed"} < set(record)
    nasty = metrics[metrics.dataset == "nasty"]
    assert (nasty.n_failed > 0).all()


def test_intervals_hold_their_value(run_dir):
    metrics = numbers(run_dir).dropna(subset=["value", "ci_low", "ci_high"])
    assert len(metrics) > 20
    assert (
        (metrics.ci_low <= metrics.value + 1e-9) & (metrics.value <= metrics.ci_high + 1e-9)
    ).all()


def test_thresholds_are_for_use_elsewhere_or_say_why_there_are_none(run_dir):
    written = json.loads((run_dir / RESULTS / "thresholds.json").read_text(encoding="utf-8"))
    found = pd.DataFrame(written["thresholds"])
    verified = numbers(run_dir).query("protocol == 'verify' and metric == 'tar'")
    keys = ["dataset", "crop", "model"]
    assert found[keys].values.tolist() == verified[keys].values.tolist()
    # So few people resolve no rate of the study.
    assert found.threshold.isna().all() and found.refused.str.contains("are needed").all()
    assert set(found.impostor_pairs[found.dataset == "tiny-people"]) == {24 * 23 // 2 * 25}


def test_each_model_has_its_numbers_in_the_shape_of_mtebs_results(run_dir):
    metrics = numbers(run_dir).query("protocol == 'identify' and metric == 'rank' and at == '1'")
    files = sorted((run_dir / RESULTS / "mteb").iterdir())
    assert [path.stem for path in files] == ["pixels", "random-tiny"]
    for path in files:
        scores = json.loads(path.read_text(encoding="utf-8"))["scores"]["test"]
        mine = metrics[(metrics.model == path.stem) & metrics.value.notna()]
        subsets = (mine.dataset + "/" + mine.crop).tolist()
        assert [one["hf_subset"] for one in scores] == subsets
        assert [one["main_score"] for one in scores] == mine.value.tolist()


def test_a_second_run_does_nothing(mine):
    done = workflow(mine, STUDY)
    assert jobs(done) == {}
    assert "Nothing to be done" in done.stdout + done.stderr


def test_adding_a_model_runs_only_its_own_jobs(mine):
    study = deepcopy(STUDY)
    study["models"]["random-other"] = {**RANDOM, "seed": 2}
    # In front of all others, so that it comes first wherever models are counted.
    study["evaluate"]["models"].insert(0, "random-other")
    planned = jobs(workflow(mine, study, "--dry-run"))
    once = {
        "weights": 1,
        "collect": 1,
        "groups": 1,
        "summary": 1,
        "claims": 1,
        "thresholds": 1,
        "task_results": 1,
        "accuracy_size": 1,
        "all": 1,
    }
    assert planned == {**once, "embed": 1, "index": 2, "evaluate": 2, "compare": 2}


def test_facts_about_a_model_change_no_result(mine):
    study = deepcopy(STUDY)
    study["models"]["random-tiny"]["facts"] = {"licence": "none"}
    planned = jobs(workflow(mine, study, "--dry-run"))
    assert set(planned) == {
        "collect",
        "summary",
        "claims",
        "task_results",
        "accuracy_size",
        "all",
    }


def test_shuffled_identities_give_chance(run_dir, tmp_path):
    directory = copied(run_dir, tmp_path / "run")
    study = deepcopy(STUDY)
    people = {**study["datasets"]["tiny-people"], "shuffle_identities": 7}
    study["datasets"]["tiny-people"] = people
    study["evaluate"] = {
        "datasets": ["tiny-people"],
        "crops": ["tight"],
        "models": ["pixels"],
        "protocols": ["verify", "identify"],
        "attacks": [],
    }
    done = workflow(directory, study, *NUMBERS)
    assert {"list_images", "embed", "evaluate"} <= set(jobs(done))
    metrics = numbers(directory).set_index(["protocol", "metric", "at"]).sort_index()
    auc = metrics.loc[("verify", "auc")].iloc[0]
    assert auc.ci_low < 0.5 < auc.ci_high
    rank1 = metrics.loc[("identify", "rank", "1")]
    assert rank1.ci_low <= 1 / 24 <= rank1.ci_high


@pytest.mark.parametrize("study", ["lfw", "paper"])
def test_the_large_studies_plan_their_whole_graph_offline(tmp_path, study):
    config = yaml.safe_load((ROOT / "studies" / f"{study}.yaml").read_text())
    overlay = {"datasets": {}}
    if study == "paper":
        (tmp_path / "celeba").mkdir()
        (tmp_path / "celeba" / "identity_CelebA.txt").touch()
        overlay["datasets"]["celeba"] = {"folder": "celeba"}
    done = workflow(tmp_path, {**config, **overlay}, "--dry-run", env={"HF_HUB_OFFLINE": "1"})
    evaluate = config["evaluate"]
    assert jobs(done)["embed"] == len(evaluate["models"])
    assert jobs(done)["crop"] == len(evaluate["datasets"])


def test_a_missing_weight_is_told_before_any_job(tmp_path):
    study = deepcopy(STUDY)
    study["evaluate"]["models"] = ["openai-vit-b-32"]
    study["evaluate"]["datasets"] = ["tiny-people"]
    env = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hub")}
    done = workflow(tmp_path, study, check=False, env=env)
    assert done.returncode != 0 and jobs(done) == {}
    assert "openai-vit-b-32" in done.stderr and "HF_HUB_OFFLINE" in done.stderr
    said = "missing: 1 model (about 0.6 GB) is not in"
    # The plan is short and says it at its end; before a list of all jobs it is also said at once.
    for options, times in ((["--quiet", "rules", "host", "reason"], 1), ([], 2)):
        planned = workflow(tmp_path, study, "--dry-run", *options, env=env)
        assert planned.stderr.count(said) == times
        last = planned.stderr.splitlines()[-1]
        assert "hf download timm/vit_base_patch32_clip_224.openai" in last


def test_what_a_start_needs_is_what_the_clusters_environment_has(tmp_path):
    environment = yaml.safe_load((ROOT / "envs" / "slurm.yaml").read_text())
    pins = next(part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    has = {pin.split("==")[0] for pin in pins}
    code = "import sys; from facebench.study import config, inputs, jobs, plan, user_files"
    code += "; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True, text=True
    )
    distributions = packages_distributions()
    loaded = {plain(d) for name in done.stdout.split() for d in distributions.get(name, ())}
    loaded -= {"setuptools"}  # a hook of the virtual environment's own
    theirs = {requirement for name in has for requirement in everything_needed(name)}
    assert loaded and loaded <= theirs, loaded - theirs


def plain(name):
    """Return a distribution's name as registries compare it."""
    return name.lower().replace("_", "-")


def everything_needed(name):
    """Return a distribution and all that it requires, as far as it is installed here."""
    found, left = set(), [name]
    while left:
        one = plain(left.pop())
        if one not in found:
            found.add(one)
            with contextlib.suppress(PackageNotFoundError):
                left += [
                    re.split(r"[^\w.-]", r)[0] for r in requires(one) or [] if "extra" not in r
                ]
    return found


def test_files_that_no_program_can_get_are_told_before_any_job(tmp_path):
    study = deepcopy(STUDY)
    study["evaluate"]["datasets"] = ["celeba"]
    done = workflow(tmp_path, study, check=False)
    assert done.returncode != 0 and jobs(done) == {}
    assert "img_align_celeba.zip" in done.stderr and "docs/adding.md" in done.stderr


def test_a_study_that_can_measure_nothing_is_refused(tmp_path):
    study = deepcopy(STUDY)
    study["evaluate"] |= {"datasets": ["tiny-people"], "models": ["pixels"], "protocols": ["name"]}
    done = workflow(tmp_path, study, "--dry-run", check=False)
    assert "name needs a model that reads text, unlike pixels." in done.stdout + done.stderr


def test_the_rules_have_no_lint():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_snakemakes_own_report_works(mine):
    workflow(mine, STUDY, "--report", "report.html")
    assert "accuracy-size" in (mine / "report.html").read_text()
