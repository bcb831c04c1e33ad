"""Networks in ONNX files: vectors are numpy's and torch's, and what doesn't fit is refused."""

import json
import pickle

import numpy as np
import onnx
import pytest
import torch
from onnx import helper

from facebench.errors import UserError
from facebench.models import find, load, missing_weights, read_description, state
from facebench.pictures.preprocess import Preprocess, batch
from facebench.store.faces import iter_images
from facebench.store.tables import read_record
from scripts import weights
from tests.toys.faces import embed_one, faces_of
from tests.toys.hub import ASK, COMMIT, hub, python
from tests.toys.models import pictures
from tests.toys.onnx import DIM, computed, tiny_onnx
from tests.toys.pickles import Bomb

RGB = {"family": "onnx", "size": 32, "mean": 0.5, "std": 0.5}


@pytest.fixture
def spec(tmp_path):
    """The entry of a network that takes any number of pictures, 32 by 32."""
    tiny_onnx(tmp_path / "tiny.onnx")
    return {**RGB, "path": str(tmp_path / "tiny.onnx")}


def loaded(path, **keys):
    """Return the encoder of a file."""
    return load({**RGB, "path": str(path), **keys}, device="cpu")


@pytest.mark.parametrize("channels", ["rgb", "bgr"])
def test_vectors_are_numpys(spec, channels):
    mean, std = [0.1, 0.4, 0.6], [0.5, 0.4, 0.3]
    encoder = load({**spec, "mean": mean, "std": std, "channels": channels}, device="cpu")
    pixels = pictures(5)
    given = pixels if channels == "rgb" else pixels[:, ::-1]
    rows = encoder.encode(pixels)
    assert rows.dtype == np.float32 and encoder.dim == DIM
    np.testing.assert_allclose(rows, computed(given, mean, std), atol=1e-5)
    red_first = tuple(mean if channels == "rgb" else mean[::-1])
    assert encoder.preprocess.mean == red_first and encoder.preprocess.interpolation == "bilinear"
    assert encoder.encode(pixels[:0]).shape == (0, DIM)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_network_that_torch_has_exported_gives_torchs_vectors(tmp_path):
    torch.manual_seed(0)
    layers = [torch.nn.Conv2d(3, 4, 3, stride=2), torch.nn.BatchNorm2d(4), torch.nn.PReLU(4)]
    network = torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(60, 6)).eval()
    path = tmp_path / "torch.onnx"
    torch.onnx.export(
        network, (torch.zeros(1, 3, 8, 12),), path, dynamo=False, input_names=["x"],
        training=torch.onnx.TrainingMode.PRESERVE, dynamic_axes={"x": {0: "n"}},
        do_constant_folding=False,
    )  # fmt: skip
    encoder = loaded(path, size=[12, 8])
    assert encoder.preprocess.size == (8, 12)
    pixels = pictures(3, (8, 12))
    with torch.inference_mode():
        rows = network((torch.from_numpy(pixels) / 255 - 0.5) / 0.5)
    wanted = torch.nn.functional.normalize(rows, dim=1).numpy()
    np.testing.assert_allclose(encoder.encode(pixels), wanted, atol=1e-5)
    facts = weights.describe("x", {**RGB, "path": str(path), "size": [12, 8]})
    assert facts["parameters_m"] * 1e6 == sum(one.numel() for one in network.parameters())


def test_a_network_that_takes_0_to_255(spec):
    encoder = load({**spec, "mean": 0, "std": 0.00392156862745098}, device="cpu")
    np.testing.assert_allclose(encoder.encode(pictures(2)), computed(pictures(2), 0, 1), atol=1e-5)


BATCHES = [
    {"batch": "n"},
    {"batch": 1},
    {"batch": 4},
    # Files that promise any batch: one fails with more than one picture, ...
    {"promised": "n", "inside": 1},
    # ... and one mixes them up.
    {
        "more": [
            helper.make_node("ReduceMean", ["y"], ["middle"], axes=[0], keepdims=1),
            helper.make_node("Add", ["y", "middle"], ["mixed_up"]),
        ]
    },
]


@pytest.mark.parametrize("how", BATCHES, ids=str)
def test_neither_the_files_batch_nor_ours_changes_a_row(tmp_path, how):
    tiny_onnx(tmp_path / "x.onnx", **how)
    encoder = loaded(tmp_path / "x.onnx", **({"output": "mixed_up"} if "more" in how else {}))
    pixels = pictures(9)
    rows = encoder.encode(pixels)
    np.testing.assert_allclose(rows, computed(pixels), atol=1e-5)
    for size in (1, 2, 5):
        parts = [encoder.encode(pixels[i : i + size]) for i in range(0, 9, size)]
        np.testing.assert_allclose(np.concatenate(parts), rows, atol=1e-6)


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_are_those_of_the_job(spec, threads, monkeypatch):
    import onnxruntime as ort

    seen, opened = [], ort.InferenceSession

    def watched(path, options, **keys):
        seen.append((options.intra_op_num_threads, options.inter_op_num_threads))
        return opened(path, options, **keys)

    monkeypatch.setattr(ort, "InferenceSession", watched)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        rows = load(spec, device="cpu").encode(pictures(3))
    finally:
        torch.set_num_threads(before)
    assert seen == [(threads, 1)]
    np.testing.assert_allclose(rows, computed(pictures(3)), atol=1e-5)


TWO = [helper.make_node("Neg", ["y"], ["other"])]
#: What a file is -> keys of its entry, and the words of the sentence.
REFUSED = {
    "size": ({"size": (48, 32)}, {}, r"shape \['n', 3, 48, 32\].*\(n, 3, 32, 32\)"),
    "turned": ({"size": (48, 32)}, {"size": [48, 32]}, r"\(n, 3, 32, 48\).*\[width, height\]"),
    "outputs": ({"more": TWO}, {}, "has several outputs; `output` must be one of y, other"),
    "output": ({}, {"output": "z"}, "has no output z; `output` must be one of y"),
    "map": (
        {"more": [helper.make_node("Neg", ["hidden"], ["map"])]},
        {"output": "map"},
        r"gives \[1, 8, 32, 32\] numbers for 1 pictures instead of a vector",
    ),
    "custom": (
        {"more": [helper.make_node("Mine", ["y"], ["own"], domain="my.ops")]},
        {"output": "own"},
        "operator of another library, and none is loaded .*my.ops:Mine",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_doesnt_fit_its_entry_is_refused_in_a_sentence(tmp_path, case):
    how, keys, words = REFUSED[case]
    tiny_onnx(tmp_path / "x.onnx", **how)
    with pytest.raises(UserError, match=words) as said:
        loaded(tmp_path / "x.onnx", **keys)
    assert "\n" not in str(said.value)


def test_one_of_several_outputs_can_be_named(tmp_path):
    tiny_onnx(tmp_path / "x.onnx", more=TWO)
    rows = loaded(tmp_path / "x.onnx", output="other").encode(pictures(2))
    np.testing.assert_allclose(rows, -computed(pictures(2)), atol=1e-5)


def test_pixels_last_or_of_another_type_are_refused(tmp_path):
    floats, halves = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16
    for kind, shape in ((floats, ["n", 32, 32, 3]), (halves, ["n", 3, 32, 32]), (floats, ["n", 9])):
        graph = helper.make_graph(
            [helper.make_node("Flatten", ["x"], ["y"])], "g",
            [helper.make_tensor_value_info("x", kind, shape)],
            [helper.make_tensor_value_info("y", kind, None)],
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), tmp_path / "x.onnx")
        with pytest.raises(UserError, match="With the configured `size` it would get float32"):
            loaded(tmp_path / "x.onnx")


def test_damaged_files_and_pickles_are_refused_unrun(spec, tmp_path):
    whole = (tmp_path / "tiny.onnx").read_bytes()
    bomb = pickle.dumps(Bomb(tmp_path / "harm"))
    for content in (b"", whole[: len(whole) // 2], bomb, b"\0" * 100):
        (tmp_path / "tiny.onnx").write_bytes(content)
        for use in (weights.describe, lambda _, entry: load(entry, device="cpu")):
            with pytest.raises(UserError, match="tiny.onnx is .*not (a complete|an) ONNX file"):
                use("x", spec)
    assert not (tmp_path / "harm").exists()


def test_tensors_in_files_beside_it_are_found_hashed_and_missed(tmp_path):
    path, data = tmp_path / "big.onnx", tmp_path / "big.onnx.data"
    outside = {"save_as_external_data": True, "size_threshold": 100}
    count = tiny_onnx(path, **outside, location=data.name)
    encoder = loaded(path)
    np.testing.assert_allclose(encoder.encode(pictures(2)), computed(pictures(2)), atol=1e-5)
    spec = {**RGB, "path": str(path)}
    assert weights.describe("x", spec)["parameters_m"] * 1e6 == count
    hashes, before = encoder.record["data_sha256"], state(spec)
    with open(data, "r+b") as file:
        file.write(b"\0\0\0\0")
    assert loaded(path).record["data_sha256"] != hashes and state(spec) != before
    data.unlink()
    with pytest.raises(UserError, match=r"needs the file big.onnx.data beside it"):
        loaded(path)


def test_tensors_outside_of_its_folder_are_not_read(tmp_path):
    (tmp_path / "in").mkdir()
    path, secret = tmp_path / "in" / "x.onnx", tmp_path / "secret"
    tiny_onnx(path, save_as_external_data=True, size_threshold=100, location="secret")
    (tmp_path / "in" / "secret").rename(secret)
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            entry.value = "../secret" if entry.key == "location" else entry.value
    onnx.save(model, path)
    with pytest.raises(UserError, match="can't be opened by onnxruntime.*escapes"):
        loaded(path)


def test_an_entry_that_cant_work_is_explained(tmp_path):
    for wrong in ({}, {"repo": "a/b"}, {"path": "x.onnx", "file": "y.onnx"}, {"file": "y.onnx"}):
        with pytest.raises(UserError, match="needs `path` alone, or `repo` and `file` together"):
            find({**RGB, **wrong})
    with pytest.raises(UserError, match="is a folder; family onnx needs the path of a file"):
        find({**RGB, "path": str(tmp_path)})
    said = missing_weights({"x": {**RGB, "path": str(tmp_path / "no.onnx")}})
    assert said == [f"x: {tmp_path} has no file no.onnx. Check the model's key `path`."]


USE = """
import json, sys
from scripts import weights
from facebench.models import load, read_description
weights.main(model="x", spec=json.loads(sys.argv[1]), output=sys.argv[2])
facts = read_description(sys.argv[2])
print(json.dumps([facts["record"], load(facts["spec"], facts["files"], "cpu").dim]))
"""


def test_a_file_in_a_folder_of_a_repository_is_fetched_with_its_tensors(tmp_path):
    folder = tmp_path / "repo" / "recognition"
    folder.mkdir(parents=True)
    tiny_onnx(
        folder / "model.onnx", save_as_external_data=True, size_threshold=100, location="w.bin"
    )
    entry = {"repo": "someone/faces", "file": "recognition/model.onnx"}
    spec = {**RGB, **entry, "data": "recognition/w.bin"}
    with hub({"someone/faces": tmp_path / "repo"}) as (address, requests):
        env = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "home")}
        typo = {**spec, "file": "recognition/modell.onnx"}
        asked = python(ASK, json.dumps({"x": spec, "typo": typo}), **env)
        said = json.loads(asked.stdout)
        assert len(said) == 1 and "It is typo." in said[0]
        assert said[0].endswith("  hf download someone/faces recognition/modell.onnx")
        done = python(USE, json.dumps(spec), tmp_path / "x.json", **env)
    assert done.returncode == 0, done.stderr
    record, dim = json.loads(done.stdout)
    assert record["revision"] == COMMIT and dim == DIM
    assert {key: record[key] for key in entry} == entry


def test_a_study_embeds_with_it(spec, tmp_path):
    table = faces_of(30, tmp_path / "faces.parquet", np.random.default_rng(0))
    weights.main(model="tiny", spec=spec, output=tmp_path / "m.json")
    rows, metadata = embed_one(tmp_path / "faces.parquet", tmp_path / "m.json", tmp_path / "out")
    ok = np.flatnonzero(table.status == "ok")
    pre = Preprocess((32, 32), interpolation="bilinear")
    pixels = batch(list(iter_images(tmp_path / "faces.parquet", ok)), pre)
    np.testing.assert_allclose(rows, computed(pixels), atol=1e-5)
    made = read_record(metadata)["embed"]
    assert made["device"] == "cpu" and made["libraries"].keys() == {"onnxruntime"}
    assert made["mean"] == 0.5 and made["size"] == 32
    assert str(tmp_path) not in json.dumps(made)


def test_changed_tensors_beside_the_file_make_the_vectors_anew(tmp_path):
    path, data = tmp_path / "big.onnx", tmp_path / "big.onnx.data"
    tiny_onnx(path, save_as_external_data=True, size_threshold=100, location=data.name)
    faces_of(10, tmp_path / "faces.parquet", np.random.default_rng(0))
    found = []
    for _ in range(2):
        weights.main(model="x", spec={**RGB, "path": str(path)}, output=tmp_path / "m.json")
        facts = read_description(tmp_path / "m.json")["record"]
        rows, metadata = embed_one(
            tmp_path / "faces.parquet", tmp_path / "m.json", tmp_path / "out"
        )
        assert read_record(metadata)["embed"]["data_sha256"] == facts["data_sha256"]
        found.append(rows)
        with open(data, "r+b") as file:
            file.write(np.float32(7).tobytes())
    assert facts["data_sha256"].keys() == {data.name} and not np.array_equal(*found)
