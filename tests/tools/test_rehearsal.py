"""What a rehearsal is made of: models, files of data sets, and the table of what ran."""

import io

import numpy as np
import pytest
from PIL import Image

from facebench.models.openclip_configs import architecture
from facebench.study.model_files import registry
from tools.rehearsal import __main__ as rehearsal
from tools.rehearsal import celeba, families, outcome, study
from tools.rehearsal.tried import broken
from tools.rehearsal.weights import smaller, write_repository

MODELS = study.models_of(["paper"], gigabytes=0)
WRITTEN = [one for one in MODELS if one.written]
PAPER = study.read(study.file_of("paper"))["evaluate"]["models"]


def test_every_family_of_the_papers_models_is_there_and_the_least_work_stands_for_it():
    assert {families.family_of(registry()[name]) for name in PAPER} <= {m.family for m in MODELS}
    assert {"timm", "onnx"} <= {one.family for one in MODELS}
    assert len({one.family for one in WRITTEN}) == len(WRITTEN)
    assert "openai-vit-b-32-small" in {one.called for one in MODELS}


def test_on_request_networks_have_their_own_size_as_far_as_they_fit():
    real = [one for one in study.models_of(["paper"], gigabytes=20) if one.written and one.real]
    assert {one.family for one in WRITTEN} == {one.family for one in real}
    assert len(real) > len(WRITTEN) and all(one.called == one.name for one in real)
    assert sum(2 * one.spec.get("download_mb", 0) for one in real) <= 20_000
    # The family whose least model needs 8 GB is still there, smaller.
    few = study.models_of(["paper"], gigabytes=4)
    assert {one.family for one in few} == {one.family for one in MODELS}
    assert "laion-vit-h-14-small" in {one.called for one in few}


@pytest.mark.parametrize("name", [one.name for one in WRITTEN if one.spec["family"] == "open_clip"])
def test_a_smaller_network_differs_in_depth_and_width_alone(name):
    whole = architecture(registry()[name]["arch"])
    made = smaller(whole)
    assert made != whole and made.keys() == whole.keys()
    for tower, free in (
        ("vision_cfg", {"layers", "width"}),
        ("text_cfg", {"layers", "width", "heads"}),
    ):
        changed = {key for key, value in whole[tower].items() if made[tower][key] != value}
        assert changed == free
    text = [config["text_cfg"] for config in (whole, made)]
    assert len({one["width"] / one["heads"] for one in text}) == 1


@pytest.fixture(scope="module")
def repos(tmp_path_factory):
    """The repositories of all models whose weights are written."""
    root = tmp_path_factory.mktemp("served")
    for one in WRITTEN:
        write_repository(root / one.called, one.spec, one.real)
    return {one.spec["repo"]: root / one.called for one in WRITTEN}


def test_whole_families_give_vectors(repos):
    assert list(broken(MODELS, repos)) == []


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.called)
def test_a_family_with_broken_weights_is_named_and_no_other(repos, one, tmp_path):
    (weights,) = [
        p for p in repos[one.spec["repo"]].rglob("*") if p.suffix in (".safetensors", ".onnx")
    ]
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    try:
        ((family, why),) = broken(MODELS, repos)
    finally:
        weights.write_bytes(whole)
    assert family == one.family and why


def test_a_family_with_broken_code_is_named_and_no_other(repos, monkeypatch):
    from open_clip.modified_resnet import ModifiedResNet

    monkeypatch.setattr(ModifiedResNet, "forward", lambda self, x: self.no_such_layer(x))
    ((family, why),) = broken(MODELS, repos)
    assert family == "open_clip: ResNet, QuickGELU" and "no_such_layer" in why


def test_a_picture_is_turned_until_its_eyes_are_where_celebas_are(tmp_path):
    points = {"left_eye": (60, 70), "right_eye": (95, 80), "nose": (72, 100),
              "mouth_left": (60, 112), "mouth_right": (90, 120)}  # fmt: skip
    pixels = np.zeros((176, 176, 3), np.uint8)
    for x, y in points.values():
        pixels[y - 2 : y + 3, x - 2 : x + 3] = 255
    Image.fromarray(pixels).save(tmp_path / "drawn.png")
    row = {
        f"{n}_{axis}": float(v) for n, p in points.items() for axis, v in zip("xy", p, strict=True)
    }
    data, places = celeba.aligned(tmp_path / "drawn.png", row)
    made = np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(int)
    assert made.shape == celeba.SIZE[::-1]
    assert np.allclose(places[:2], celeba.EYES)
    for x, y in np.rint(places).astype(int):
        near = made[y - 6 : y + 7, x - 6 : x + 7]
        rows, columns = np.nonzero(near > 128)
        assert abs(rows.mean() - 6) < 1 and abs(columns.mean() - 6) < 1, "the spot moved with it"


def test_what_did_not_run_is_named_and_ends_with_1(tmp_path, monkeypatch):
    file = study.write_study(tmp_path / "studies", "paper", MODELS)
    config = study.config_of("paper", file)
    found = outcome.parts(config, {one.called: one.family for one in MODELS}, tmp_path)
    kinds = {part.kind for part in found}
    assert kinds == {"family", "data set", "crop", "protocol", "claim", "threshold", "file"}
    assert not any(part.ran for part in found)
    told = "\n".join(outcome.lines("paper", found))
    assert "missing: verify, identify, neighbour, open_set" in told
    ran = [part._replace(ran=True) for part in found]
    assert "missing" not in "\n".join(outcome.lines("paper", ran))
    for parts, status in ((found[:1] + ran[1:], 1), (ran, 0)):
        monkeypatch.setattr(rehearsal, "rehearse", lambda parts=parts, **_: parts)
        assert rehearsal.main([]) == status
