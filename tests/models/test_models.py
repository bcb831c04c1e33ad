"""Models: the families, what they refuse, and the registry of the default configuration."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from facebench.errors import UserError
from facebench.models import (
    COMMON,
    FAMILIES,
    arguments,
    find,
    load,
    missing_weights,
    read_description,
    state,
)
from facebench.models.checkpoints import count_parameters
from facebench.models.openclip_family import QUICK, tag_config
from facebench.pictures.preprocess import Preprocess
from scripts import weights
from tests.toys.models import MEAN, tiny_clip, tiny_timm

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "rules" / "config.schema.yaml").read_text())
REGISTRY = yaml.safe_load((ROOT / "config.yaml").read_text())["models"]
OPEN_CLIP = {name: spec for name, spec in REGISTRY.items() if "pretrained" in spec}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A folder with a tiny CLIP model."""
    folder = tmp_path_factory.mktemp("clip")
    tiny_clip(folder)
    return folder


def pictures(n, size):
    """Return n random pictures of a size, as encoders take them."""
    return np.random.default_rng(n).integers(0, 256, (n, 3, *size), dtype=np.uint8)


def test_the_schema_lists_the_families_and_their_common_keys():
    model = SCHEMA["$defs"]["model"]
    assert model["properties"]["family"]["enum"] == list(FAMILIES)
    cases = {rule["if"]["properties"]["family"]["const"]: rule["then"] for rule in model["allOf"]}
    assert list(cases) == list(FAMILIES)
    assert set(model["properties"]) | {"sha256"} == set(COMMON)


@pytest.mark.parametrize("name", OPEN_CLIP)
def test_the_registrys_tags_exist_and_are_where_open_clip_says(name):
    spec = OPEN_CLIP[name]
    assert tag_config(spec["arch"], spec["pretrained"])["hf_hub"].rstrip("/") == spec["repo"]


SIZED = ["random-vit-b-32", "random-mini-l", "openai-rn50", "laion-vit-b-16", "dlib"]


@pytest.mark.parametrize("name", SIZED)
def test_the_registrys_sizes_are_those_of_the_models(name):
    spec = REGISTRY[name]
    total, image = FAMILIES[spec["family"]].parameters(**arguments(spec))
    assert image / 1e6 == pytest.approx(spec["facts"]["params_m"], abs=0.02)
    assert total >= image


@pytest.mark.parametrize("name", ["mini-s", "mini-m", "mini-l", "mini-face"])
def test_the_small_models_come_with_the_program_and_are_as_large_as_it_says(name):
    spec = REGISTRY[name]
    facts = weights.describe(name, spec)
    assert facts["parameters_m"] == pytest.approx(spec["facts"]["params_m"], abs=0.02)
    assert (ROOT / spec["path"]).is_dir()
    encoder = load(spec, device="cpu")
    rows = encoder.encode(pictures(2, encoder.preprocess.size))
    assert rows.shape == (2, 256) and np.isfinite(rows).all()
    if spec["family"] == "open_clip":
        assert encoder.encode_text(["a photo of somebody"]).shape == (1, 256)


def test_all_small_models_together_stay_small():
    files = list((ROOT / "weights").rglob("*.safetensors"))
    assert len(files) == 4 and sum(file.stat().st_size for file in files) < 16e6


def test_every_entry_of_the_registry_says_what_it_is():
    for name, spec in REGISTRY.items():
        assert {"params_m", "data"} <= set(spec["facts"]), name
        assert spec["family"] in ("pixels", "random") or "licence" in spec["facts"], name


@pytest.mark.parametrize(
    ("arch", "tag", "right"),
    [
        ("ViT-B-32", "openai", "ViT-B-32-quickgelu"),
        ("RN50", "openai", "RN50-quickgelu"),
        ("ViT-B-32-quickgelu", "laion2b_s34b_b79k", "ViT-B-32"),
    ],
)
def test_weights_of_another_activation_are_refused_with_the_right_architecture(arch, tag, right):
    spec = {"family": "open_clip", "arch": arch, "pretrained": tag}
    with pytest.raises(UserError, match=f"QuickGELU.*the right architecture is {right}\\."):
        find(spec)
    assert QUICK in arch + right


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"arch": "ViT-B-23", "pretrained": "openai"}, "did you mean ViT-B-32"),
        ({"arch": "ViT-B-32", "pretrained": "nobody"}, "no weights nobody for ViT-B-32; it has"),
        ({"arch": "ViT-B-32"}, "needs `arch` and `pretrained`, or `repo`, or `path`"),
        ({"path": "nowhere/model.bin"}, "is no folder"),
        ({"path": "nowhere/model.bin", "arch": "ViT-B-32"}, "nowhere holds no model.bin"),
    ],
)
def test_an_entry_that_cant_work_is_explained(spec, words):
    with pytest.raises(UserError, match=words):
        find({"family": "open_clip", **spec})


def test_a_local_folder_gives_open_clips_own_vectors(clip):
    import open_clip
    from PIL import Image

    encoder = load({"family": "open_clip", "path": str(clip)}, device="cpu")
    network, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{clip}")
    network.eval()
    picture = pictures(1, (32, 32))
    with torch.inference_mode():
        plain = Image.fromarray(picture[0].transpose(1, 2, 0))
        wanted = network.encode_image(preprocess(plain)[None], normalize=True).numpy()
    assert encoder.dim == 16
    assert encoder.preprocess.mean == tuple(MEAN)
    assert encoder.preprocess.interpolation == "bilinear"
    np.testing.assert_allclose(encoder.encode(picture), wanted, atol=1e-6)
    assert encoder.record["dtype"] == "float32" and encoder.record["device"] == "cpu"


def test_the_last_blocks_unused_tokens_are_left_out():
    import open_clip

    from facebench.models.openclip_family import spare_unused_tokens
    from tests.toys.models import TOWERS

    torch.manual_seed(0)
    pixels, other = torch.randn(3, 3, 32, 32), {**TOWERS["vision_cfg"], "pool_type": "avg"}
    for vision, spared in ((TOWERS["vision_cfg"], True), (other, False)):
        tower = open_clip.CLIP(**{**TOWERS, "vision_cfg": vision}).visual.eval()
        seen = []
        tower.transformer.resblocks[-1].mlp.register_forward_hook(
            lambda _, inputs, __, seen=seen: seen.append(inputs[0].shape[1])
        )
        with torch.inference_mode():
            wanted = tower(pixels)
            spare_unused_tokens(tower)
            torch.testing.assert_close(tower(pixels), wanted, atol=2e-6, rtol=0)
        assert seen == [5, 1 if spared else 5]


def test_text_rows_are_open_clips_though_the_padding_is_left_out(clip):
    import open_clip

    sentences = [
        "Ada",
        "a photo of the celebrity Grace Brewster Murray Hopper",
        "actor Alan Turing",
    ]
    encoder = load({"family": "open_clip", "path": str(clip)}, device="cpu")
    network, _ = open_clip.create_model_from_pretrained(f"local-dir:{clip}")
    tokens = open_clip.get_tokenizer("ViT-B-32")(sentences)
    with torch.inference_mode():
        wanted = network.eval().encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_text(sentences), wanted, atol=1e-6)
    np.testing.assert_allclose(encoder.encode_text(sentences[:1]), wanted[:1], atol=1e-6)


def test_variables_in_a_path_are_filled_in(clip, monkeypatch):
    monkeypatch.setenv("MY_MODELS", str(clip.parent))
    spec = {"family": "open_clip", "path": f"$MY_MODELS/{clip.name}"}
    assert find(spec).files["weights"] == clip / "open_clip_model.safetensors"


def test_a_folder_in_timms_format_gives_timms_own_vectors(tmp_path):
    network = tiny_timm(tmp_path)
    encoder = load({"family": "timm", "path": str(tmp_path)}, device="cpu")
    picture = pictures(2, (112, 112))
    with torch.inference_mode():
        rows = network((torch.from_numpy(picture) / 255 - 0.5) / 0.5)
        wanted = torch.nn.functional.normalize(rows, dim=1).numpy()
    np.testing.assert_allclose(encoder.encode(picture), wanted, atol=1e-6)
    assert encoder.preprocess.size == (112, 112)
    assert encoder.encode_text is None
    facts = weights.describe("x", {"family": "timm", "path": str(tmp_path)})
    assert facts["parameters_m"] * 1e6 == sum(p.numel() for p in network.parameters())


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


class Bomb:
    """An object whose pickle makes a folder when it is read."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


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
    with pytest.raises(UserError, match="no whole safetensors file"):
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
    weights.main("x", spec, tmp_path / "x.json")
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


def test_random_weights_come_from_the_seed():
    spec = {"family": "random", "arch": "ViT-B-32"}
    picture = pictures(3, (224, 224))
    first, again, other = (
        load({**spec, "seed": seed}, device="cpu").encode(picture) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=0.01)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)


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


def test_pixels_are_grey_unit_rows_without_their_mean():
    encoder = load({"family": "pixels", "size": 8})
    picture = pictures(5, (8, 8))
    rows = encoder.encode(picture)
    assert rows.shape == (5, 64) == (5, encoder.dim)
    np.testing.assert_allclose(rows.mean(axis=1), 0, atol=1e-7)
    brighter = (picture // 2 + 50).astype(np.uint8)
    assert (np.sum(rows * encoder.encode(brighter), axis=1) > 0.999).all()
    flat = encoder.encode(np.full((1, 3, 8, 8), 90, np.uint8))
    assert np.linalg.norm(flat) == pytest.approx(1)
    assert load({"family": "pixels", "size": 8, "grey": False}).dim == 192


def test_dlib_gives_its_own_descriptor_scaled_to_length_one():
    import dlib

    encoder = load({"family": "dlib"})
    chips = pictures(3, (150, 150))
    network = dlib.face_recognition_model_v1(str(find({"family": "dlib"}).files["weights"]))
    chip = np.ascontiguousarray(chips[1].transpose(1, 2, 0))
    wanted = np.array(network.compute_face_descriptor(chip))
    rows = encoder.encode(chips)
    np.testing.assert_allclose(rows[1], wanted / np.linalg.norm(wanted), atol=1e-6)
    assert encoder.preprocess == Preprocess((150, 150), (0, 0, 0), (1, 1, 1), "bilinear")
    assert encoder.encode(chips[:0]).shape == (0, 128)


def test_a_device_that_isnt_there_is_refused():
    if torch.backends.mps.is_available():
        pytest.skip("this machine has MPS")
    with pytest.raises(UserError, match="embed.device is mps"):
        load({"family": "random", "arch": "ViT-B-32"}, device="mps")


def test_local_models_are_never_missing_and_absent_ones_are(clip, tmp_path):
    models = {
        "here": {"family": "open_clip", "path": str(clip)},
        "gone": {"family": "open_clip", "path": str(tmp_path / "gone"), "arch": "ViT-B-32"},
        "wrong": {"family": "timm"},
        **{name: REGISTRY[name] for name in ("pixels", "random-vit-b-32", "dlib")},
    }
    sentences = missing_weights(models)
    assert [sentence.split(":")[0] for sentence in sentences] == ["gone", "wrong"]


def test_the_models_package_loads_no_library_of_models():
    code = (
        "import sys, facebench.models, facebench.encode, scripts.weights;"
        "print({'torch', 'open_clip', 'timm', 'dlib', 'onnx', 'onnxruntime', 'huggingface_hub'}"
        " & set(sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.strip() == "set()", done.stderr


@pytest.mark.parametrize(
    ("device", "precision", "dtype"),
    [
        ("cpu", "auto", "float32"),
        ("mps", "auto", "float32"),
        ("cuda", "auto", "bfloat16 (autocast)"),
        ("cuda", "float32", "float32"),
    ],
)
def test_precision_is_mixed_on_cuda_only(device, precision, dtype):
    from facebench.models import device as devices

    assert devices.dtype(torch.device(device), precision) == dtype


def test_threads_go_to_the_model_on_a_cpu_and_to_the_pictures_beside_a_gpu():
    from facebench.models.device import use_threads

    before = torch.get_num_threads()
    try:
        assert use_threads(torch.device("cpu"), 3) == 1 and torch.get_num_threads() == 3
        assert use_threads(torch.device("cuda"), 3) == 3 and torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
