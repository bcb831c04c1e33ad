"""Weights and configs that are damaged, of something else, or no weights: one sentence each."""

import json
import logging
import pickle
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from facebench.errors import UserError
from facebench.models import load
from facebench.models.openclip_configs import pictures_of
from facebench.pictures.preprocess import CLIP_MEAN
from scripts import weights
from tests.toys.models import TOWERS, pictures, tiny_clip, tiny_timm
from tests.toys.pickles import Bomb

CLIP, TIMM = "open_clip_model.safetensors", "model.safetensors"
CONFIGS = {"open_clip": "open_clip_config.json", "timm": "config.json"}
FILES = {"open_clip": CLIP, "timm": TIMM}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with a sound model of each family."""
    root = tmp_path_factory.mktemp("models")
    tiny_clip(root / "open_clip")
    tiny_timm(root / "timm")
    return root


@pytest.fixture(params=["open_clip", "timm"])
def model(request, models, tmp_path):
    """A model that a test may damage: its family and its folder."""
    folder = tmp_path / "model"
    shutil.copytree(models / request.param, folder)
    return request.param, folder


def refused(family, folder, words, **keys):
    """See that neither the description nor the model is made, and that one sentence says why."""
    spec = {"family": family, "path": str(folder), **keys}
    with pytest.raises(UserError, match=words) as error:
        weights.describe("x", spec)
        load(spec, device="cpu")
    assert "\n" not in str(error.value) and len(str(error.value)) < 900
    return str(error.value)


def safetensors(header, data=b""):
    text = json.dumps(header).encode() if isinstance(header, dict) else header
    return struct.pack("<Q", len(text)) + text + data


#: Bytes in the place of weights -> words of the sentence.
NO_WEIGHTS = {
    "empty": (b"", "empty"),
    "a web page": (b"<html>Not found</html>", "is a web page"),
    "a pointer of git-lfs": (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "a header of 2^60": (struct.pack("<Q", 1 << 60) + b"{}", "not a complete safetensors file"),
    "a header that is a list": (safetensors(b"[1, 2]"), "not a complete safetensors|damaged"),
    "a header without shapes": (safetensors({"a": {"dtype": "F32"}}), "not a complete|damaged"),
    "an odd type": (
        safetensors({"a": {"dtype": "Q8", "shape": [1], "data_offsets": [0, 1]}}, b"x"),
        "not a complete safetensors|damaged",
    ),
    "a negative shape": (
        safetensors({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, bytes(4)),
        "not a complete safetensors|damaged",
    ),
    "no tensors": (safetensors({}), "no named tensors|not a complete"),
    "noise": (bytes(range(256)) * 9, "not a complete safetensors file"),
}


@pytest.mark.parametrize("case", NO_WEIGHTS)
def test_what_is_no_file_of_weights_is_refused(model, case):
    family, folder = model
    data, words = NO_WEIGHTS[case]
    (folder / FILES[family]).write_bytes(data)
    refused(family, folder, words)


def whole_numbers(state):
    return {name: tensor.to(torch.int8) for name, tensor in state.items()}


def zeros(state):
    return {name: torch.zeros_like(tensor) for name, tensor in state.items()}


def nan(state):
    return {name: torch.full_like(tensor, torch.nan) for name, tensor in state.items()}


def fewer(state):
    return dict(list(state.items())[:-1])


def more(state):
    return {**state, "of.another.network": torch.ones(2)}


def flat(state):
    return {name: tensor.reshape(-1) for name, tensor in state.items()}


def of_one_letter(state):
    return {"w": torch.ones(4, 4)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (whole_numbers, "whole numbers in .* floating point"),
        (zeros, "the same vector for every picture|infinite or undefined"),
        (nan, "infinite or undefined numbers"),
        (fewer, "doesn't fit"),
        (more, "doesn't fit"),
        (flat, "doesn't fit|positions"),
        (of_one_letter, "doesn't fit|isn't that of these weights|isn't that of"),
    ],
)
def test_weights_that_are_no_weights_of_the_network_are_refused(model, change, words):
    family, folder = model
    file = folder / FILES[family]
    state = {name: tensor.contiguous() for name, tensor in change(load_file(file)).items()}
    save_file(state, file)
    refused(family, folder, words)


BIG = {"layers": 10**9, "depth": 10**9}


def config_with(family, **changes):
    """Return a change of a config that sets keys where the family has them."""

    def change(config):
        part = config["model_cfg"]["vision_cfg"] if family == "open_clip" else config["model_args"]
        part.update(changes)
        return config

    return change


#: What a config holds -> words of the sentence. Text is written as it is.
BROKEN = {
    "a cut": ('{"model_cfg": {"embed', "is damaged: it isn't JSON"),
    "a list": ("[1]", "it is a list in JSON"),
    "nothing": ("", "is damaged: it isn't JSON"),
    "an empty mapping": ("{}", "no model_cfg|describes no network"),
    "UTF-16": ("{}".encode("utf-16"), "isn't JSON"),
    "a tower that is a list": (
        {"model_cfg": {"vision_cfg": [], "text_cfg": 5}, "architecture": [], "model_args": 5},
        "describes no network",
    ),
    "an unknown key": ({"model_cfg": {**TOWERS, "x": 1}, "architecture": "x"}, "no network"),
    "an unknown architecture": (
        {"model_cfg": {**TOWERS, "vision_cfg": {"timm_model_name": "x"}}, "architecture": "vit_x"},
        "describes no network",
    ),
    "an architecture elsewhere": (
        {
            "model_cfg": {**TOWERS, "vision_cfg": {"timm_model_name": "hf-hub:a/b"}},
            "architecture": "hf-hub:a/b",
        },
        "is elsewhere",
    ),
    "a billion layers": (
        {
            "model_cfg": {**TOWERS, "text_cfg": {**TOWERS["text_cfg"], "layers": 10**9}},
            "architecture": "vit_tiny_patch16_224", "model_args": {"depth": 10**9},
        },
        "(layers|depth) is 1000000000",
    ),
    "a width of a million": (
        {
            "model_cfg": {**TOWERS, "text_cfg": {**TOWERS["text_cfg"], "width": 10**6}},
            "architecture": "vit_tiny_patch16_224", "model_args": {"embed_dim": 10**6},
        },
        "parameters, which isn't that|describes no network",
    ),
    "infinity": ('{"model_cfg": {"a": Infinity}, "model_args": {"a": NaN}}', "is (inf|nan)"),
    "a picture of no size": (
        {
            "model_cfg": {**TOWERS, "vision_cfg": {**TOWERS["vision_cfg"], "image_size": 0}},
            "architecture": "vit_tiny_patch16_224",
            "pretrained_cfg": {"input_size": [3, 0, 0], "mean": [0, 0, 0], "std": [0, 0, 0]},
        },
        "describes no network|three numbers|positions",
    ),
    "a deviation of letters": (
        {
            "model_cfg": TOWERS, "preprocess_cfg": {"std": ["a", "b", "c"]},
            "architecture": "vit_tiny_patch16_224", "pretrained_cfg": {"std": ["a", "b", "c"]},
        },
        "three numbers|describes no network",
    ),
    "an unknown interpolation": (
        {
            "model_cfg": TOWERS, "preprocess_cfg": {"interpolation": "magic"},
            "architecture": "vit_tiny_patch16_224", "pretrained_cfg": {"interpolation": "magic"},
        },
        "interpolation",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_config_that_describes_no_network_is_refused(model, case):
    family, folder = model
    content, words = BROKEN[case]
    content = json.dumps(content) if isinstance(content, dict) else content
    data = content.encode() if isinstance(content, str) else content
    (folder / CONFIGS[family]).write_bytes(data)
    said = refused(family, folder, words)
    assert CONFIGS[family] in said or str(folder) in said


def test_a_text_tower_of_another_library_is_refused_without_a_request(models, tmp_path):
    from tests.toys.hub import hub, python

    shutil.copytree(models / "open_clip", tmp_path / "m")
    config = tmp_path / "m" / CONFIGS["open_clip"]
    text = {**TOWERS["text_cfg"], "hf_model_name": "someone/roberta"}
    config.write_text(json.dumps({"model_cfg": {**TOWERS, "text_cfg": text}}))
    code = (
        "import json, sys\nfrom facebench.errors import UserError\n"
        "from facebench.models import load\n"
        "for spec in json.loads(sys.argv[1]):\n"
        "    try:\n        load(spec, device='cpu')\n"
        "    except UserError as error:\n        print(error)"
    )
    specs = [
        {"family": "open_clip", "path": str(tmp_path / "m")},
        {"family": "random", "path": str(tmp_path / "m")},
        {"family": "open_clip", "arch": "roberta-ViT-B-32", "path": str(tmp_path / "m" / CLIP)},
        {"family": "random", "arch": "hf-hub:someone/model"},
    ]
    with hub({}) as (address, requests):
        env = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path)}
        said = python(code, json.dumps(specs), **env).stdout.splitlines()
    assert requests == []
    assert "someone/roberta" in said[0] and "someone/roberta" in said[1]
    assert "doesn't load" in said[2] or "describes another network" in said[2]
    assert "has no architecture hf-hub" in said[3]


def checkpoint(folder, name, state):
    """Save tensors alone as a training loop would; return the file."""
    folder.mkdir(exist_ok=True)
    torch.save(state, folder / name)
    return folder / name


class Script(torch.nn.Module):
    """A module that TorchScript can keep."""

    def forward(self, x):
        return x


@pytest.mark.slow
def test_only_what_would_run_code_is_called_a_program(models, tmp_path):
    state = load_file(models / "open_clip" / CLIP)
    half = {name: tensor.half() for name, tensor in state.items()}
    spec = {"arch": "ViT-B-32-quickgelu"}
    said = refused(
        "open_clip", checkpoint(tmp_path, "half.pt", half), "doesn't fit|positions", **spec
    )
    assert "of its author" not in said
    for arch in ("ViT-B-16-SigLIP", "RN50-quickgelu", "coca_ViT-B-32"):
        said = refused("open_clip", tmp_path / "half.pt", "fit|positions", arch=arch)
        assert "of its author" not in said
    data = (tmp_path / "half.pt").read_bytes()
    (tmp_path / "cut.pt").write_bytes(data[: len(data) // 2])
    assert "of its author" not in refused(
        "open_clip", tmp_path / "cut.pt", "damaged or cut short", **spec
    )
    (tmp_path / "empty.pt").write_bytes(b"")
    refused("open_clip", tmp_path / "empty.pt", "empty", **spec)
    (tmp_path / "page.pt").write_bytes(b"<html>")
    refused("open_clip", tmp_path / "page.pt", "is a web page", **spec)
    torch.jit.save(torch.jit.script(Script()), tmp_path / "script.pt")
    refused("open_clip", tmp_path / "script.pt", "would run code", **spec)
    (tmp_path / "bomb.pt").write_bytes(pickle.dumps(Bomb(tmp_path / "harm")))
    refused("open_clip", tmp_path / "bomb.pt", "would run code", **spec)
    for content in ([1, 2], {"a": 1}, {}, {"state_dict": {}}):
        file = checkpoint(tmp_path, "odd.pt", content)
        refused("open_clip", file, "no named tensors|other things", **spec)
    assert not (tmp_path / "harm").exists()


def siglip(folder):
    """Write a small network with SigLIP's way with pictures to a folder."""
    tiny_clip(folder)
    config = json.loads((folder / CONFIGS["open_clip"]).read_text())
    config["preprocess_cfg"] = {"mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}
    (folder / CONFIGS["open_clip"]).write_text(json.dumps(config))


def test_a_file_is_the_model_of_the_config_beside_it(tmp_path):
    siglip(tmp_path)
    folder = {"family": "open_clip", "path": str(tmp_path)}
    file = {"family": "open_clip", "path": str(tmp_path / CLIP)}
    one, two = load(folder, device="cpu"), load(file, device="cpu")
    assert one.preprocess == two.preprocess and two.preprocess.resize_mode == "squash"
    assert np.array_equal(one.encode(pictures(3)), two.encode(pictures(3)))
    records = [weights.describe("x", spec)["record"] for spec in (folder, file)]
    assert records[0]["config_sha256"] == records[1]["config_sha256"]


@pytest.fixture(scope="module")
def vit(tmp_path_factory):
    """A folder with ViT-B-32 with QuickGELU, as OpenAI's, its weights drawn."""
    import open_clip

    folder = tmp_path_factory.mktemp("vit")
    arch = "ViT-B-32-quickgelu"
    torch.manual_seed(0)
    network = open_clip.create_model(arch, load_weights=False)
    state = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, folder / CLIP)
    config = {"model_cfg": open_clip.get_model_config(arch), "preprocess_cfg": {}}
    (folder / CONFIGS["open_clip"]).write_text(json.dumps(config))
    (folder / "alone").mkdir()
    (folder / "alone" / CLIP).symlink_to(folder / CLIP)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("place", ["", CLIP])
def test_an_architecture_that_contradicts_the_config_is_refused(vit, place):
    said = refused("open_clip", vit / place, "another network than ViT-B-32", arch="ViT-B-32")
    assert "quick_gelu True and not False" in said and "remove `arch`" in said
    refused("open_clip", vit / place, "another network than ViT-B-16", arch="ViT-B-16")
    right = {"family": "open_clip", "path": str(vit / place), "arch": "ViT-B-32-quickgelu"}
    weights.describe("x", right)


@pytest.mark.slow
def test_weights_alone_are_taken_as_their_architecture_with_a_warning(vit, caplog):
    alone = vit / "alone" / CLIP
    with caplog.at_level(logging.WARNING):
        load({"family": "open_clip", "path": str(alone), "arch": "ViT-B-32"}, device="cpu")
    assert "doesn't say its activation" in caplog.text
    for arch in ("ViT-B-32-256", "ViT-B-16-quickgelu"):
        refused("open_clip", alone, "positions in visual.positional_embedding", arch=arch)
    refused("open_clip", alone, "put their open_clip_config.json beside it", arch="ViT-L-14")


@pytest.mark.parametrize(
    ("arch", "mean", "resize_mode", "warning"),
    [
        ("ViT-B-16-SigLIP", 0.5, "squash", ""),
        ("MobileCLIP-S1", 0.0, "shortest", ""),
        ("ViT-B-32-quickgelu", CLIP_MEAN[0], "shortest", ""),
        ("ViT-B-32", CLIP_MEAN[0], "shortest", "is without QuickGELU, and some weights need"),
    ],
)
def test_weights_alone_get_the_pictures_that_their_architecture_expects(
    caplog, arch, mean, resize_mode, warning
):
    with caplog.at_level(logging.WARNING):
        said = pictures_of(arch, Path("w.safetensors"))
    assert said["mean"][0] == mean and said["resize_mode"] == resize_mode
    assert warning in caplog.text and bool(warning) == bool(caplog.text)


def classifier(folder, classes, **config):
    """Write a classifier of pictures in timm's format."""
    import timm

    folder.mkdir(exist_ok=True)
    network = timm.create_model("resnet10t", num_classes=classes)
    save_file(network.state_dict(), folder / TIMM)
    said = {"architecture": "resnet10t", "num_classes": classes, **config}
    said["pretrained_cfg"] = {"input_size": [3, 64, 64], "num_classes": classes}
    (folder / "config.json").write_text(json.dumps(said))
    return {"family": "timm", "path": str(folder)}


@pytest.mark.parametrize(
    ("classes", "more", "length", "words"),
    [
        (1000, {}, 512, "of a classifier of 1000 classes, which is taken off"),
        (20, {"label_names": ["cat"]}, 512, "of a classifier of 20 classes"),
        (256, {}, 256, "the vector is the network's last layer of 256 outputs"),
        (0, {}, 512, ""),
    ],
)
def test_a_classifier_is_taken_off_and_a_face_models_layer_stays(
    tmp_path, caplog, classes, more, length, words
):
    with caplog.at_level(logging.INFO):
        encoder = load(classifier(tmp_path, classes, **more), device="cpu")
    assert encoder.dim == length and words in caplog.text


def test_a_cache_that_cant_be_written_to_is_told(monkeypatch, tmp_path):
    import huggingface_hub

    from facebench.models.hub import Wanted

    def fails(*_, **__):
        raise OSError(30, "Read-only file system", "/x")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fails)
    with pytest.raises(UserError, match="can't be kept in .*Read-only.*point HF_HOME"):
        Wanted({"weights": ("a.bin",)}, repo="a/b").find()


def test_a_token_is_in_no_sentence(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_s3cret0123")
    said = str(UserError("https://me:pw@hub/x?y failed with hf_s3cret0123"))
    assert said == "https://hub/x?... failed with $HF_TOKEN"
