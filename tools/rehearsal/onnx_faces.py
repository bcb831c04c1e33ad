"""A network for faces in ONNX's format, built as InsightFace's residual networks are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

#: Blocks of the four stages, channels of each, and numbers of the vector: of the network with 100
#: layers that is published, and of a smaller one.
STAGES = {True: ((3, 13, 30, 3), (64, 128, 256, 512), 512), False: ((1,) * 4, (8, 8, 16, 16), 64)}


class Graph:
    """Nodes and numbers of a graph; every method adds a node and returns its output's name."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.nodes: list[object] = []
        self.numbers: list[object] = []

    def add(self, kind: str, inputs: Sequence[str], *arrays: np.ndarray, **settings: object) -> str:
        """Add a node of some kind, whose last inputs are `arrays`."""
        from onnx import helper, numpy_helper

        name = f"{kind}{len(self.nodes)}"
        parts = [f"{name}.{number}" for number in range(len(arrays))]
        self.numbers += [
            numpy_helper.from_array(array.astype(np.float32), part)
            for array, part in zip(arrays, parts, strict=True)
        ]
        self.nodes.append(helper.make_node(kind, [*inputs, *parts], [name], **settings))
        return name

    def drawn(self, *shape: int) -> np.ndarray:
        """Return weights that keep the size of what goes through them."""
        fan_in = int(np.prod(shape[1:]))
        return self.rng.normal(0, (2 / fan_in) ** 0.5, shape)

    def normal(self, x: str, channels: int) -> str:
        """Normalise by statistics that are in the file."""
        ones, zeros = np.ones(channels), np.zeros(channels)
        return self.add("BatchNormalization", [x], ones, zeros, zeros, ones)

    def convolved(self, x: str, into: int, out: int, side: int, stride: int = 1) -> str:
        """Convolve with a square of `side` pixels; the picture keeps its size but for `stride`."""
        settings = {"strides": [stride] * 2, "pads": [side // 2] * 4, "kernel_shape": [side] * 2}
        return self.add("Conv", [x], self.drawn(out, into, side, side), **settings)

    def bent(self, x: str, channels: int) -> str:
        """Let a quarter of what is negative through."""
        return self.add("PRelu", [x], np.full((channels, 1, 1), 0.25))

    def block(self, x: str, into: int, out: int, stride: int) -> str:
        """Add what two convolutions make of `x` to it; the first of a stage halves the picture."""
        y = self.normal(self.convolved(self.normal(x, into), into, out, 3), out)
        y = self.normal(self.convolved(self.bent(y, out), out, out, 3, stride), out)
        if stride > 1:
            x = self.normal(self.convolved(x, into, out, 1, stride), out)
        return self.add("Add", [x, y])


def write_iresnet(file: Path, size: int, real: bool, seed: int = 0) -> None:
    """Write a network for pictures of `size` pixels square, its weights drawn from `seed`."""
    import onnx
    from onnx import TensorProto, helper

    graph, (blocks, channels, dim) = Graph(seed), STAGES[real]
    into, side = channels[0], size
    x = graph.bent(graph.normal(graph.convolved("input", 3, into, 3), into), into)
    for count, out in zip(blocks, channels, strict=True):
        for number in range(count):
            x = graph.block(x, into, out, stride=1 if number else 2)
            into = out
        side = (side + 1) // 2
    x = graph.add("Flatten", [graph.normal(x, into)])
    x = graph.add("Gemm", [x], graph.drawn(dim, into * side**2), np.zeros(dim), transB=1)
    y = graph.normal(x, dim)
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("input", ["n", 3, size, size]), (y, ["n", dim]))
    ]
    made = helper.make_graph(graph.nodes, "iresnet", ends[:1], ends[1:], graph.numbers)
    versions = {"opset_imports": [helper.make_opsetid("", 17)], "ir_version": 9}
    onnx.save(helper.make_model(made, **versions), file)
