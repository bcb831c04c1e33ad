"""SFace's file, and other ONNX files in its place: what torch computes, and what is refused."""

import numpy as np
import onnx
import pytest
import torch
from onnx import helper

from facebench.errors import UserError
from facebench.models import FAMILIES, find, load, sface_family
from facebench.models.onnx_graph import open_graph
from facebench.models.onnx_network import OnnxNetwork
from tests.toys.models import pictures

SFACE = {"family": "sface"}


@pytest.fixture(scope="module")
def sound():
    """The bytes of SFace's file."""
    return find(SFACE).files["weights"].read_bytes()


def saved(path, nodes, weights, inputs=("x",), outputs=("y",)):
    """Write a network of these nodes, for pictures of 8 by 8 pixels."""
    floats = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info(name, floats, ["n", 3, 8, 8]) for name in inputs],
        [helper.make_tensor_value_info(name, floats, None) for name in outputs],
        [onnx.numpy_helper.from_array(one, name) for name, one in weights.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 21)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)


def a_few(**changes):
    """Return nodes and weights of a network that has every operator, and a few."""
    rng = np.random.default_rng(0)
    weights = {
        "f": rng.normal(size=(6, 3, 3, 3)), "fb": rng.normal(size=6),
        "d": rng.normal(size=(6, 1, 3, 3)),
        "g": rng.normal(size=6), "b": rng.normal(size=6), "m": rng.normal(size=6),
        "v": rng.uniform(1, 2, 6), "s": rng.normal(size=(6, 1, 1)), "half": np.array([0.5]),
        "w": rng.normal(size=(4, 96)), "wb": rng.normal(size=4),
    }  # fmt: skip
    made = helper.make_node
    pads = {"pads": [1, 1, 1, 1], "strides": [2, 2]} | changes
    norm = ["g", "b", "m", "v"]
    nodes = [
        made("Sub", ["x", "half"], ["1"]), made("Mul", ["1", "half"], ["2"]),
        made("Conv", ["2", "f", "fb"], ["3"], **pads),
        made("BatchNormalization", ["3", *norm], ["4"], epsilon=0.001),
        made("PRelu", ["4", "s"], ["5"]),
        made("Conv", ["5", "d"], ["6"], group=6, pads=[1, 1, 1, 1]),
        # Of a convolution that is used twice, and of none: these two can't be folded.
        made("BatchNormalization", ["6", *norm], ["7"]), made("Add", ["7", "6"], ["8"]),
        made("BatchNormalization", ["8", *norm], ["9"]), made("Relu", ["9"], ["10"]),
        made("Dropout", ["10"], ["11"]), made("Flatten", ["11"], ["12"]),
        made("Gemm", ["12", "w", "wb"], ["y"], transB=1, alpha=0.5, beta=2.0),
    ]  # fmt: skip
    return nodes, {name: one.astype(np.float32) for name, one in weights.items()}


def test_every_operator_is_onnxruntimes(tmp_path):
    import onnxruntime

    saved(tmp_path / "x.onnx", *a_few())
    network = OnnxNetwork(open_graph(tmp_path / "x.onnx"))
    pixels = pictures(3, (8, 8)).astype(np.float32) / 255
    (wanted,) = onnxruntime.InferenceSession(tmp_path / "x.onnx").run(None, {"x": pixels})
    with torch.inference_mode():
        np.testing.assert_allclose(network(torch.from_numpy(pixels)), wanted, atol=1e-5)
    ops = [node.op for node in network.graph.nodes]
    assert ops.count("BatchNormalization") == 2 and ops.count("Conv") == 2


def test_weights_are_float32_times_the_scales_of_their_blocks():
    network = load(SFACE, device="cpu").forward
    assert {one.dtype for one in network.parameters()} == {torch.float32}
    ops = [node.op for node in network.graph.nodes]
    assert ops.count("Conv") == 27 and ops.count("BatchNormalization") == 2
    assert FAMILIES["sface"].parameters()[0] == pytest.approx(9.64e6, rel=0.001)


def of_package(name):
    return lambda _: find(SFACE).files["weights"].with_name(name).read_bytes()


#: What a file is -> how it is made of the sound one, and words of the sentence.
REFUSED = {
    "empty": (lambda data: b"", "is empty, or not an ONNX file"),
    "a web page": (lambda data: b"<html>Not found</html>", "is not a complete ONNX file"),
    "cut": (lambda data: data[: len(data) // 2], "is not a complete ONNX file"),
    "too long": (lambda data: data + b"x", "is not a complete ONNX file"),
    "noise": (lambda data: bytes(range(256)) * 9, "ONNX file"),
    "a detector": (of_package("face_detection_yunet_2023mar_int8bq.onnx"), "12 outputs instead"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_another_file_is_refused_by_name(sound, tmp_path, case):
    change, words = REFUSED[case]
    file = tmp_path / "weights.onnx"
    file.write_bytes(change(sound))
    for use in (lambda: FAMILIES["sface"].parameters(files={"weights": file}), lambda: open_(file)):
        with pytest.raises(UserError, match=words) as error:
            use()
        assert str(file) in str(error.value) and "\n" not in str(error.value)


def open_(file):
    return load(SFACE, {"weights": file}, "cpu")


def without(*names):
    nodes, weights = a_few()
    return nodes, {name: one for name, one in weights.items() if name not in names}


def with_node(*arguments, **how):
    nodes, weights = a_few()
    return [*nodes, helper.make_node(*arguments, **how)], weights


#: A network that isn't SFace -> words of the sentence.
OTHERS = {
    "without a weight": (without("f"), {}, "has 1 inputs and 1 outputs|'f'"),
    "an unknown operator": (with_node("Sin", ["y"], ["z"]), {}, "Sin can't be computed here"),
    "two outputs": (a_few(), {"outputs": ["y", "12"]}, "1 inputs and 2 outputs instead of one"),
    "padded on one side": (a_few(pads=[0, 0, 1, 1]), {}, "other padding"),
    "of another size": (a_few(), {}, "doesn't fit the architecture SFace"),
    "of zeros": (
        (a_few()[0][:0] + [helper.make_node("Flatten", ["x"], ["1"]),
                           helper.make_node("Mul", ["1", "zero"], ["y"])],
         {"zero": np.zeros(1, np.float32)}),
        {}, "same vector for every picture",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERS)
def test_another_network_is_refused_by_name(tmp_path, case):
    (nodes, weights), how, words = OTHERS[case]
    saved(tmp_path / "x.onnx", nodes, weights, **how)
    with pytest.raises(UserError, match=words) as error:
        open_(tmp_path / "x.onnx")
    assert "x.onnx" in str(error.value)


def test_a_package_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(sface_family, "PACKAGE", "no_such_package")
    with pytest.raises(UserError, match="install the package no-such-package"):
        find(SFACE)
