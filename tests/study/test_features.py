"""Features in a study: models of their own, made in their model's pass where that is possible."""

import re

import pandas as pd
import pytest
import yaml
from snakemake.utils import update_config

from facebench.errors import UserError
from facebench.study.config import checked
from facebench.study.embed_jobs import embed_jobs
from facebench.study.plan import protocols
from tests.toys.models import tiny_clip
from tests.toys.workflow import NUMBERS, RESULTS, ROOT, STUDY, jobs, workflow

FILE = ROOT / "studies" / "features.yaml"
FEATURES = yaml.safe_load(FILE.read_text())
ROWS = ["", "-token", "-mean"]


def study(**evaluate):
    """Return the study of features with some keys of `evaluate` changed, checked."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(config, {**FEATURES, "evaluate": {**FEATURES["evaluate"], **evaluate}})
    return {**checked(config, ROOT / "rules" / "schema"), "poison": {"decoys": []}}


def test_every_feature_is_a_model_behind_its_model():
    config = study(models=["openai-vit-b-32", "pixels"], features={"openai-vit-b-32": ["mean"]})
    assert config["evaluate"]["models"] == ["openai-vit-b-32", "openai-vit-b-32-mean", "pixels"]
    own, mean = (config["models"][f"openai-vit-b-32{end}"] for end in ("", "-mean"))
    assert "feature" not in own and mean["feature"] == "mean" and mean["repo"] == own["repo"]
    again = checked(config, ROOT / "rules" / "schema")
    assert again["evaluate"] == config["evaluate"] and again["models"] == config["models"]


def test_one_job_makes_all_features_of_the_same_faces():
    found = [job for job in embed_jobs(study()) if len(job.features) > 1]
    assert [job.features for job in found] == [ROWS]
    assert found[0].models == list(FEATURES["evaluate"]["features"])


def test_a_feature_names_nobody_and_has_passes_of_its_own_where_its_faces_are_others():
    given = {"random-vit-s-32": ["token"]}
    config = study(
        datasets=["people", "people-known"], models=["random-vit-s-32"], features=given,
        protocols=["identify", "name"], only={"people-known": {"protocols": ["name"]}},
    )  # fmt: skip
    assert protocols(config, "people", "random-vit-s-32-token") == ["identify"]
    assert protocols(config, "people-known", "random-vit-s-32-token") == []
    found = {tuple(job.models): job for job in embed_jobs(config)}
    assert {job.features[0] for job in found.values()} == {""} and len(found) == 2
    assert found[("random-vit-s-32-token",)].names == []


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ({"pixels": ["token"]}, "family pixels has no features; those that have: open_clip"),
        ({"openai-vit-l-14": ["token"]}, "evaluate.models doesn't name openai-vit-l-14"),
        ({"mini-l": ["projection"]}, r"\[0\] is 'projection'; allowed: token, mean"),
        ({"mini-l": []}, "is empty; it needs at least 1"),
        ("token", "evaluate.features is 'token'"),
    ],
)
def test_a_feature_that_cant_be_asked_for_is_told(features, words):
    with pytest.raises(UserError, match=words):
        study(features=features)


def test_a_model_of_the_same_name_is_told():
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(config, {**FEATURES, "models": {"laion-vit-b-32-mean": {"family": "pixels"}}})
    with pytest.raises(UserError, match="models has another laion-vit-b-32-mean; rename that one"):
        checked(config, ROOT / "rules" / "schema")


@pytest.mark.workflow
def test_the_study_of_features_is_planned_and_says_what_cant_be_made(tmp_path):
    wrong = {**FEATURES["evaluate"], "features": {"mini-l": ["token"], "laion-vit-b-32": ["mean"]}}
    for overlay, said in (({}, ""), ({"evaluate": wrong}, "mini-l-token: .* a ModifiedResNet")):
        env = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hub")}
        done = workflow(tmp_path, {**FEATURES, **overlay}, "--dry-run", env=env)
        assert re.search(said, done.stdout + done.stderr)
        assert jobs(done)["embed"] == len(FEATURES["evaluate"]["models"])
        rows = sum(map(len, (overlay or FEATURES)["evaluate"]["features"].values()))
        assert jobs(done)["weights"] == len(FEATURES["evaluate"]["models"]) + rows


@pytest.mark.workflow
def test_each_feature_has_numbers_of_its_own(tmp_path):
    tiny_clip(tmp_path / "clip")
    tiny = {**STUDY["models"]["random-tiny"], "path": str(tmp_path / "clip")}
    evaluate = {
        "datasets": ["tiny-people"], "crops": ["tight"], "models": ["tiny"],
        "features": {"tiny": ["token", "mean"]}, "protocols": ["identify"], "attacks": [],
    }  # fmt: skip
    people = {**STUDY["datasets"]["tiny-people"], "people": 6, "views": 3}
    asked = {**STUDY, "models": {"tiny": tiny}, "evaluate": evaluate}
    asked["datasets"] = {"tiny-people": people}
    assert jobs(workflow(tmp_path, asked, *NUMBERS))["embed"] == 1
    metrics = pd.read_parquet(tmp_path / RESULTS / "metrics.parquet")
    assert {*metrics.model} == {"tiny", "tiny-token", "tiny-mean"}
    records = pd.read_parquet(tmp_path / RESULTS / "records.parquet").json.str
    for feature in ("projection", "token", "mean"):
        assert records.contains(f'"feature": "{feature}"').any()
    assert jobs(workflow(tmp_path, asked, *NUMBERS)) == {}
