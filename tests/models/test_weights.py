"""Weights: what they are is written down, and what would run code or doesn't fit is refused."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from facebench.errors import UserError
from facebench.models import (
    load,
    read_description,
    state,
)
from facebench.models.checkpoints import count_parameters
from scripts import weights
from tests.toys.models import pictures, tiny_clip, tiny_timm
from tests.toys.pickles import Bomb


@pytest.mark.parametrize("family", ["open_clip", "timm"])
def test_weights_that_dont_fit_are_refused(tmp_path, family):
    (tiny_clip if family == "open_clip" else tiny_timm)(tmp_path)
    file = next(tmp_path.glob("*.safetensors"))
    from safetensors.torch import save_file

    state = load_file(file)
    state.pop(sorted(state)[-1])
    save_file(state, file)
    with pytest.raises(UserError, match="doesn't fit"):
        load({"family": family, "path": str(tmp_path)}, device="cpu")


@pytest.mark.parametrize("how", ["torch", "pickle", "nested"])
def test_a_pickle_that_wants_more_is_refused_unrun(clip, tmp_path, how):
    bomb, file = Bomb(tmp_path / "harm"), tmp_path / "open_clip_pytorch_model.bin"
    if how == "pickle":
        file.write_bytes(pickle.dumps(bomb))
    else:
        state = load_file(clip / "open_clip_model.safetensors")
        torch.save(
            {**state, "x": bomb} if how == "torch" else {"state_dict": state, "o": bomb}, file
        )
    (tmp_path / "open_clip_config.json").write_bytes((clip / "open_clip_config.json").read_bytes())
    with pytest.raises(UserError, match="is refused.*would run code.*safetensors"):
        load({"family": "open_clip", "path": str(tmp_path)}, device="cpu")
    with pytest.raises(UserError, match="is refused"):
        count_parameters(file)
    assert not (tmp_path / "harm").exists()


def test_a_pickle_of_tensors_is_read_and_a_broken_file_is_not(clip, tmp_path):
    state = load_file(clip / "open_clip_model.safetensors")
    (tmp_path / "open_clip_config.json").write_bytes((clip / "open_clip_config.json").read_bytes())
    file = tmp_path / "open_clip_pytorch_model.bin"
    torch.save({"epoch": 3, "state_dict": {f"module.{k}": v for k, v in state.items()}}, file)
    spec = {"family": "open_clip", "path": str(tmp_path)}
    picture = pictures(1, (32, 32))
    same = load({"family": "open_clip", "path": str(clip)}, device="cpu").encode(picture)
    assert np.array_equal(load(spec, device="cpu").encode(picture), same)
    whole = (clip / "open_clip_model.safetensors").read_bytes()
    (tmp_path / "open_clip_model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="not a complete safetensors file"):
        load(spec, device="cpu")


def test_a_wrong_sha256_is_refused(clip):
    spec = {"family": "open_clip", "path": str(clip)}
    right = weights.describe("x", spec)["record"]["weights_sha256"]
    assert weights.describe("x", {**spec, "sha256": right})["record"]["weights_sha256"] == right
    with pytest.raises(UserError, match=f"has the sha256 {right}, but"):
        weights.describe("x", {**spec, "sha256": "0" * 64})


def test_the_weights_file_says_everything_but_no_path_in_the_record(clip):
    facts = weights.describe("x", {"family": "open_clip", "path": str(clip)})
    state = load_file(clip / "open_clip_model.safetensors")
    assert facts["total_parameters_m"] * 1e6 == sum(map(torch.numel, state.values()))
    assert Path(facts["files"]["weights"]).is_file()
    assert str(clip) not in str(facts["record"])


def test_weights_that_changed_are_not_used_under_their_old_description(clip, tmp_path):
    shutil.copytree(clip, tmp_path / "clip")
    spec = {"family": "open_clip", "path": str(tmp_path / "clip")}
    weights.main(model="x", spec=spec, output=tmp_path / "x.json")
    assert read_description(tmp_path / "x.json")["model"] == "x"
    before = state(spec)
    with open(tmp_path / "clip" / "open_clip_model.safetensors", "ab") as file:
        file.write(b"more")
    assert state(spec) != before
    with pytest.raises(UserError, match=r"have changed. Delete .*x.json and run again"):
        read_description(tmp_path / "x.json")
    shutil.rmtree(tmp_path / "clip")
    with pytest.raises(UserError, match="no longer at"):
        read_description(tmp_path / "x.json")


def test_random_weights_of_a_folder_are_those_of_its_architecture(tmp_path):
    import open_clip

    cfg = open_clip.get_model_config("RN50")
    cfg["vision_cfg"] = {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8, "head_width": 64}
    cfg["text_cfg"] = {"context_length": 8, "vocab_size": 99, "width": 32, "heads": 2, "layers": 1}
    config = {"model_cfg": cfg, "preprocess_cfg": {"interpolation": "bicubic"}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    spec = {"family": "random", "path": str(tmp_path)}
    facts = weights.describe("control", spec)
    assert facts["parameters_m"] < 1 and facts["record"]["path"] == str(tmp_path)
    assert load(spec, device="cpu").encode(pictures(2, (32, 32))).shape == (2, cfg["embed_dim"])
    for wrong in ({}, {"path": str(tmp_path / "none")}, {"path": str(tmp_path), "arch": "RN50"}):
        with pytest.raises(UserError):
            load({"family": "random", **wrong}, device="cpu")


def test_the_record_tells_models_apart_that_differ_in_more_than_weights(clip, tmp_path):
    shutil.copytree(clip, tmp_path / "clip")
    spec = {"family": "open_clip", "path": str(tmp_path / "clip")}
    before = weights.describe("x", spec)["record"]
    config = tmp_path / "clip" / "open_clip_config.json"
    config.write_text(config.read_text().replace("0.4", "0.45"))
    after = weights.describe("x", spec)["record"]
    assert before.pop("config_sha256") != after.pop("config_sha256")
    assert before == after


def test_a_description_that_fails_leaves_the_old_one(clip, tmp_path):
    spec = {"family": "open_clip", "path": str(clip)}
    weights.main(model="x", spec=spec, output=tmp_path / "new" / "x.json")
    before = (tmp_path / "new" / "x.json").read_text()
    with pytest.raises(UserError):
        weights.main(model="x", spec={**spec, "sha256": "0"}, output=tmp_path / "new" / "x.json")
    assert (tmp_path / "new" / "x.json").read_text() == before
