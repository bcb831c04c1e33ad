"""Fusions of two models in a study: models of their own, whose vectors are made of theirs."""

import numpy as np
import pandas as pd
import pytest
import yaml
from snakemake.utils import update_config

from facebench.errors import UserError
from facebench.store import layout
from facebench.store.tables import read_record, read_table
from facebench.study import attack_plan
from facebench.study.config import checked
from facebench.study.embed_jobs import embed_jobs, fuse_jobs
from facebench.study.jobs import poison_jobs
from facebench.vectors.stored import StoredVectors, read_ids
from tests.toys.workflow import RESULTS, ROOT, STUDY, jobs, workflow

FILE = ROOT / "studies" / "fusion.yaml"
FUSIONS = yaml.safe_load(FILE.read_text())
PARTS = {"both": ["pixels", "random-tiny"], "same": ["pixels", "pixels"]}


def study(**evaluate):
    """Return the study of fusions with some keys of `evaluate` changed, checked."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(config, {**FUSIONS, "evaluate": {**FUSIONS["evaluate"], **evaluate}})
    made = checked(config, ROOT / "rules" / "schema")
    return {**made, "study": "s", "poison": {**made["poison"], "decoys": []}}


def test_every_fusion_is_a_model_behind_all_others():
    config, asked = study(), FUSIONS["evaluate"]
    assert config["evaluate"]["models"] == [*asked["models"], *asked["fusions"]]
    assert config["models"]["face-with-itself"]["of"] == ["mini-face", "mini-face"]
    again = checked(config, ROOT / "rules" / "schema")
    assert again["evaluate"] == config["evaluate"] and again["models"] == config["models"]


def test_features_can_be_fused_and_parts_of_a_data_set_are_fused_apart():
    given = {"random-vit-s-32": ["token"]}
    fusions = {"both": ["random-vit-s-32-token", "pixels"]}
    config = study(models=["pixels", "random-vit-s-32"], features=given, fusions=fusions)
    (job,) = fuse_jobs(config)
    assert job.of == ("random-vit-s-32-token", "pixels") and job.part == "0000"
    config["datasets"]["people"] = {**config["datasets"]["people"], "parts": 3}
    assert [job.part for job in fuse_jobs(config)] == ["{part}"]


def test_a_fusion_is_neither_embedded_nor_attacked():
    config = study(attacks=["noise"])
    fused = set(FUSIONS["evaluate"]["fusions"])
    assert not fused & {model for job in embed_jobs(config) for model in job.models}
    assert {face[2] for job in fuse_jobs(config) for face in job.faces} == {layout.CLEAN}
    assert not fused & {model for job in poison_jobs(config) for model in job.models}
    assert not fused & {*attack_plan.recognising(config)}
    assert not [path for path in attack_plan.metric_tables(config) if "/face-with" in path]


@pytest.mark.parametrize(
    ("fusions", "words"),
    [
        ({"a": ["pixels", "mini-l"]}, "evaluate.models doesn't name pixels; a fusion is of models"),
        ({"a": ["mini-l", "mini-s"], "b": ["a", "mini-l"]}, "a is a fusion itself"),
        ({"mini-m": ["mini-l", "mini-s"]}, "models has another mini-m; give the fusion another"),
        ({"a": ["mini-l"]}, "it needs at least 2"),
        ({"a": "mini-l"}, "fusions.a is 'mini-l'"),
        ({"a.csv": ["mini-l", "mini-s"]}, "a.csv"),
        (["mini-l"], "evaluate.fusions is"),
    ],
)
def test_a_fusion_that_cant_be_asked_for_is_told(fusions, words):
    with pytest.raises(UserError, match=words):
        study(fusions=fusions)


@pytest.mark.workflow
def test_a_fusion_is_the_mean_of_both_scores_and_with_itself_the_model(tmp_path):
    evaluate = {
        "datasets": ["tiny-people"], "crops": ["tight"], "models": ["pixels", "random-tiny"],
        "fusions": PARTS, "protocols": ["verify", "identify"], "attacks": [],
    }  # fmt: skip
    asked = {**STUDY, "evaluate": evaluate, "verify": {"far": [0.1]}}
    asked["datasets"] = {"tiny-people": STUDY["datasets"]["tiny-people"]}
    wanted = ("--", *(str(RESULTS / name) for name in ("claims.md", "metrics.parquet")))
    assert jobs(workflow(tmp_path, asked, *wanted))["fuse"] == 2
    scores = {}
    for model in ("pixels", "random-tiny", *PARTS):
        place = layout.vector_files("tiny-people", "tight", layout.CLEAN, model)
        rows = StoredVectors([tmp_path / place.embeddings[0]]).all()
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
        scores[model] = rows @ rows.T
    mean = (scores["pixels"] + scores["random-tiny"]) / 2
    assert np.abs(scores["both"] - mean).max() < 1e-6
    assert np.abs(scores["same"] - scores["pixels"]).max() < 1e-6

    metrics = pd.read_parquet(tmp_path / RESULTS / "metrics.parquet").set_index("model")
    columns = ["protocol", "metric", "at", "value", "ci_low", "ci_high", "n_failed"]
    one, two = (metrics.loc[name, columns].reset_index(drop=True) for name in ("pixels", "same"))
    # A threshold may differ in the last bit of a score.
    pd.testing.assert_frame_equal(one, two, atol=1e-6)

    gains = read_table(tmp_path / RESULTS / "fusions.parquet").set_index(["fusion", "part"])
    assert {*gains.index} == {("both", "pixels"), ("both", "random-tiny"), ("same", "pixels")}
    tar = metrics[metrics.metric == "tar"].value
    for (fusion, part), row in gains.iterrows():
        assert row.tar_fusion == tar[fusion] and row.tar_part == tar[part]
        assert row.difference == pytest.approx(tar[fusion] - tar[part])
    assert gains.loc[("same", "pixels"), ["difference", "p_alike"]].tolist() == [0, 0]
    described = read_table(tmp_path / RESULTS / "models.parquet").set_index("model")
    assert described.kind["both"] == "fusion of two models" and described.control["both"]
    place = layout.vector_files("tiny-people", "tight", layout.CLEAN, "both")
    parts = read_record(tmp_path / place.metadata[0])["embed"]["parts"]
    assert [part["model"] for part in parts] == PARTS["both"]
    assert len(read_ids([tmp_path / place.metadata[0]])) == len(scores["both"])
    assert jobs(workflow(tmp_path, asked, *wanted)) == {}
