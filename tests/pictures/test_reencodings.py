"""Pictures saved again: what they lose, and that nothing else changes."""

import numpy as np
import pytest

from facebench.attacks.distortion import l2
from facebench.errors import UserError
from facebench.pictures.reencodings import REENCODINGS
from facebench.store.tables import read_record
from facebench.study.inputs import reencoding_specs
from scripts import reencode
from tests.toys.attacks import blob, faces_file, pictures, run

KINDS = {
    "jpeg": {"quality": 30},
    "resize": {"factor": 0.5},
    "screenshot": {"crop": 0.05, "factor": 1.25, "quality": 85},
    "blur": {"sigma": 1.0},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(64, 48), (33, 57), (1, 1), (3, 200)])
def test_a_picture_keeps_its_size_and_its_look(kind, size):
    pixels = blob(np.random.default_rng(0), *size)
    again = REENCODINGS[kind](pixels, **KINDS[kind])
    assert again.shape == pixels.shape and again.dtype == np.uint8
    if min(size) > 9:
        assert 0.5 < l2(pixels, again) < 40
        np.testing.assert_array_equal(again, REENCODINGS[kind](pixels, **KINDS[kind]))


def test_a_lower_quality_loses_more():
    pixels = blob(np.random.default_rng(1), 80, 80)
    losses = [l2(pixels, REENCODINGS["jpeg"](pixels, q)) for q in (95, 75, 30, 5)]
    assert losses == sorted(losses)


def test_half_the_size_loses_what_is_fine_and_keeps_what_is_coarse():
    checks = np.indices((40, 40)).sum(0) % 2 * 200
    pixels = np.repeat(checks[..., None], 3, 2).astype(np.uint8)
    again = REENCODINGS["resize"](pixels, 0.5)
    assert again.std() < 10 < pixels.std() and abs(again.mean() - pixels.mean()) < 3


def test_a_screenshot_loses_its_edges():
    pixels = np.zeros((100, 100, 3), np.uint8)
    pixels[:8] = pixels[-8:] = pixels[:, :8] = pixels[:, -8:] = 255
    again = REENCODINGS["screenshot"](pixels, 0.1, 1.0, 90)
    assert again.max() < 30


@pytest.fixture
def variant(tmp_path):
    run(faces_file(tmp_path / "faces.parquet"), tmp_path / "noise.parquet",
        kind="noise", linf=8, people=3)  # fmt: skip
    return tmp_path / "noise.parquet"


SPECS = {"jpeg-30": {"kind": "jpeg", "quality": 30}, "b": {"kind": "blur", "sigma": 1}}


def save_again(faces, outputs, threads=2):
    """Save the faces again in several ways by one job: name -> where it is written."""
    reencode.main(
        faces=[faces] * len(outputs),
        reencodings=list(outputs),
        specs=SPECS,
        code="0123",
        threads=threads,
        outputs=list(outputs.values()),
    )


def test_rows_and_columns_stay_and_pictures_change(variant, tmp_path):
    save_again(variant, {"jpeg-30": tmp_path / "j.parquet"})
    (before, old), (after, new) = pictures(variant), pictures(tmp_path / "j.parquet")
    assert after.equals(before) and after.columns.equals(before.columns)
    for one, two in zip(old, new, strict=True):
        assert (one is None) == (two is None)
        if one is not None:
            np.testing.assert_array_equal(two, REENCODINGS["jpeg"](one, 30))
    record = read_record(tmp_path / "j.parquet")
    assert record["attack"] == read_record(variant)["attack"]
    assert record["reencode"]["name"] == "jpeg-30" and record["reencode"]["quality"] == 30


def test_threads_change_no_byte(variant, tmp_path):
    for threads in (1, 3):
        save_again(variant, {"b": tmp_path / f"{threads}"}, threads)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "3").read_bytes()


def test_what_was_made_of_the_same_pictures_is_kept(variant, tmp_path, monkeypatch):
    outputs = {name: tmp_path / name for name in SPECS}
    save_again(variant, {"b": outputs["b"]})
    made, real = [], reencode.saved_again
    monkeypatch.setattr(
        reencode, "saved_again", lambda row, spec: made.append(spec["kind"]) or real(row, spec)
    )
    save_again(variant, outputs)
    assert set(made) == {"jpeg"}
    save_again(variant, outputs)
    assert made == ["jpeg"] * 18
    other = tmp_path / "other.parquet"
    run(tmp_path / "faces.parquet", other, kind="noise", linf=4)
    save_again(other, {"b": outputs["b"]})
    assert made[18:] == ["blur"] * 18


def purifier_in(folder, seed=0):
    """Write a small purifier that adds something, and return its folder."""
    import json

    import torch
    from safetensors.torch import save_file

    from facebench.pictures.purifier import CONFIG, WEIGHTS, network

    torch.manual_seed(seed)
    net = network(width=8, layers=1)
    torch.nn.init.normal_(net[-2].weight, std=0.5)
    folder.mkdir()
    (folder / CONFIG).write_text(json.dumps({"width": 8, "layers": 1}))
    save_file({name: tensor.half() for name, tensor in net.state_dict().items()}, folder / WEIGHTS)
    return folder


def test_a_purifier_sees_the_neighbourhood_of_a_pixel_and_not_the_size_of_the_picture(tmp_path):
    folder = str(purifier_in(tmp_path / "p"))
    pixels = blob(np.random.default_rng(2), 61, 80)
    whole = REENCODINGS["purifier"](pixels, folder)
    assert 0.1 < l2(pixels, whole) < 60
    part = REENCODINGS["purifier"](pixels[:60, :50], folder)
    np.testing.assert_array_equal(whole[:48, :38], part[:48, :38])


@pytest.mark.parametrize("size", [(64, 48), (33, 57), (1, 1), (3, 200)])
def test_a_purifier_takes_pictures_of_any_size(tmp_path, size):
    pixels = blob(np.random.default_rng(0), *size)
    again = REENCODINGS["purifier"](pixels, str(purifier_in(tmp_path / "p")))
    assert again.shape == pixels.shape and again.dtype == np.uint8


def test_a_purifier_is_saved_with_its_hash_and_another_is_another_reencoding(tmp_path):
    variant = tmp_path / "noise.parquet"
    run(faces_file(tmp_path / "faces.parquet"), variant, kind="noise", linf=8)
    contents = []
    for seed in (0, 1):
        folder = purifier_in(tmp_path / f"p{seed}", seed)
        config = {
            "reencodings": {"p": {"kind": "purifier", "weights": str(folder)}, "other": {}},
            "evaluate": {"reencodings": ["p"]},
        }
        specs = reencoding_specs(config)
        assert set(specs) == {"p"} and len(specs["p"]["sha256"]) == 64
        output = tmp_path / "p.parquet"
        reencode.main(
            faces=[variant], reencodings=["p"], specs=specs, code="0", threads=2, outputs=[output]
        )
        assert read_record(output)["reencode"]["sha256"] == specs["p"]["sha256"]
        contents.append(output.read_bytes())
    assert contents[0] != contents[1]


@pytest.mark.parametrize("damage", ["gone", "no config", "cut", "other shape"])
def test_a_folder_without_a_purifier_is_told_in_words(tmp_path, damage):
    folder = purifier_in(tmp_path / "p")
    if damage == "gone":
        (folder / "model.safetensors").unlink()
        config = {
            "reencodings": {"p": {"kind": "purifier", "weights": str(folder)}},
            "evaluate": {"reencodings": ["p"]},
        }
        with pytest.raises(UserError, match="reencodings.p.weights is .*tools.train_purifier"):
            reencoding_specs(config)
    elif damage == "no config":
        (folder / "config.json").unlink()
    elif damage == "cut":
        file = folder / "model.safetensors"
        file.write_bytes(file.read_bytes()[:200])
    else:
        (folder / "config.json").write_text('{"width": 4, "layers": 1}')
    with pytest.raises(UserError, match="holds no purifier"):
        REENCODINGS["purifier"](np.zeros((9, 9, 3), np.uint8), str(folder))
