"""What the families say of themselves, and the models that come with the program."""

import os
import subprocess
import sys

import numpy as np
import pytest
from safetensors.torch import load_file

from facebench.models import (
    COMMON,
    FAMILIES,
    arguments,
    find,
    load,
    missing_weights,
    openclip_family,
    reads_text,
    timm_family,
)
from facebench.models.checkpoints import count_parameters
from facebench.study.config import read_schema
from facebench.study.model_files import registry
from scripts import weights
from tests.toys.models import pictures, tiny_clip, tiny_timm
from tests.toys.onnx import tiny_onnx
from tests.toys.workflow import ROOT

SCHEMA = read_schema(ROOT / "rules" / "schema")
REGISTRY = registry()


def test_the_schema_lists_the_families_and_their_common_keys():
    model = SCHEMA["$defs"]["model"]
    assert model["properties"]["family"]["enum"] == list(FAMILIES)
    cases = {rule["if"]["properties"]["family"]["const"]: rule["then"] for rule in model["allOf"]}
    assert list(cases) == list(FAMILIES)
    assert set(model["properties"]) | {"sha256"} == set(COMMON)


def spec_of(family, folder):
    """Write the smallest model of a family; return its entry."""
    if family in ("open_clip", "random"):
        tiny_clip(folder)
    elif family == "timm":
        tiny_timm(folder)
    elif family == "onnx":
        tiny_onnx(folder / "x.onnx")
        return {"family": family, "path": str(folder / "x.onnx"), "size": 32}
    elif family == "vectors":
        np.save(folder / "x.npy", np.ones((1, 4), np.float32))
        (folder / "x.csv").write_text("image_id\na\n")
        return {"family": family, "path": str(folder / "x.npy")}
    else:
        return {"family": family}
    return {"family": family, "path": str(folder)}


@pytest.mark.parametrize("family", [name for name, told in FAMILIES.items() if not told.fused])
def test_a_family_can_do_what_it_says(tmp_path, family):
    told, spec = FAMILIES[family], spec_of(family, tmp_path)
    encoder = load(spec, device="cpu")
    assert (encoder.encode_text is not None) == told.text == reads_text(spec)
    assert (encoder.forward is not None) == told.gradients
    assert (encoder.lookup is not None) == told.elsewhere
    assert encoder.record.get("libraries", {}) == told.versions()
    assert "none" not in told.versions().values()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_description_of_a_model_says_what_readers_ask(tmp_path, family):
    told, spec = FAMILIES[family], spec_of(family, tmp_path)
    facts = weights.describe("x", spec)
    assert (facts["kind"], facts["text"], facts["control"]) == (
        told.kind, told.text, told.control,
    )  # fmt: skip
    assert facts["record"]["parameters"] == facts["total_parameters_m"] * 1e6
    assert facts["record"]["image_parameters"] == facts["parameters_m"] * 1e6


def test_controls_are_the_families_that_recognise_nobody():
    controls = {name: family.kind for name, family in FAMILIES.items() if family.control}
    assert controls == {"random": "untrained CLIP", "pixels": "raw pixels"}


SIZED = ["random-vit-b-32", "random-mini-l", "openai-rn50", "laion-vit-b-16", "dlib", "sface"]


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


@pytest.mark.parametrize("name", ["mini-s", "mini-m", "mini-l", "mini-face"])
def test_the_header_of_a_file_tells_the_parameters_of_the_loaded_network(name):
    spec = REGISTRY[name]
    files = find(spec).files
    if spec["family"] == "open_clip":
        network = openclip_family.build(f"local-dir:{files['config'].parent}")
        tower = network.visual
    else:
        network, _ = timm_family.build(files["config"].parent)
        tower = network
    network.load_state_dict(load_file(files["weights"]))
    total, image = (sum(one.numel() for one in part.parameters()) for part in (network, tower))
    assert FAMILIES[spec["family"]].parameters(files=files, **arguments(spec)) == (total, image)
    assert count_parameters(files["weights"]) == total
    assert total == image or count_parameters(files["weights"], "visual.") == image < total


def test_all_small_models_and_the_purifier_together_stay_small():
    files = list((ROOT / "weights").rglob("*.safetensors"))
    assert len(files) == 5 and sum(file.stat().st_size for file in files) < 16e6


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
        "import sys, facebench.models, facebench.vectors.embedding_loop, scripts.weights;"
        "print({'torch', 'open_clip', 'timm', 'dlib', 'onnx', 'onnxruntime', 'huggingface_hub'}"
        " & set(sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.strip() == "set()", done.stderr
