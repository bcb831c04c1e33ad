"""The graph in an ONNX file, made ready for torch: weights as floats, batch norms in convolutions.

Enough for convolutional recognisers such as SFace, whose weights may be 8-bit numbers in blocks.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from facebench.models.onnx_family import read_graph

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Node:
    """A step of the network: what is done, to which values, to which one, and how."""

    op: str
    inputs: Sequence[str]
    output: str
    how: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A network: its steps in order, its weights, its only input and output.

    `count`: how many numbers were learnt; statistics of batch norms are none.
    """

    nodes: list[Node]
    weights: Arrays
    input: str
    output: str
    count: int


def open_graph(path: str | Path) -> Graph:
    """Return the graph of a file. Raises `UserError` if it is no ONNX file.

    Raises `ValueError`, with a reason for a sentence, for more than one input or output.
    """
    from onnx import helper, numpy_helper

    graph = read_graph(Path(path))
    given = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    steps = [
        Node(
            one.op_type,
            [name for name in one.input if name],
            one.output[0],
            {each.name: helper.get_attribute_value(each) for each in one.attribute},
        )
        for one in graph.node
    ]
    nodes, weights = computed_once(steps, given)
    used = {name for node in nodes for name in node.inputs}
    # What is listed as an input may also be a weight, or nothing that the network uses.
    inputs = [one.name for one in graph.input if one.name in used - weights.keys()]
    outputs = [one.name for one in graph.output]
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(f"it has {len(inputs)} inputs and {len(outputs)} outputs instead of one")
    count = sum(weights[name].size for name in learnt(nodes) & weights.keys())
    nodes = without_norms(nodes, weights)
    kept = {name: weights[name] for node in nodes for name in node.inputs if name in weights}
    return Graph(nodes, kept, inputs[0], outputs[0], count)


def computed_once(nodes: Sequence[Node], given: Arrays) -> tuple[list[Node], Arrays]:
    """Return the nodes that depend on pictures, and all arrays that don't."""
    arrays, rest = dict(given), []
    for node in nodes:
        if node.op in ONCE and all(name in arrays for name in node.inputs):
            arrays[node.output] = ONCE[node.op]([arrays[name] for name in node.inputs], node.how)
        else:
            rest.append(node)
    return rest, arrays


def constant(inputs: Sequence[np.ndarray], how: Mapping[str, Any]) -> np.ndarray:
    """Return the array that a node has in itself."""
    from onnx import numpy_helper

    return numpy_helper.to_array(how["value"])


def dequantized(inputs: Sequence[np.ndarray], how: Mapping[str, Any]) -> np.ndarray:
    """Return whole numbers as float32: less a zero point, times a scale, which blocks share.

    >>> whole, scales, zero = np.array([1, 2, 3], "i1"), np.array([2, 10], "f4"), np.zeros(2, "i1")
    >>> dequantized([whole, scales, zero], {"axis": 0, "block_size": 2}).tolist()
    [2.0, 4.0, 30.0]
    """
    whole, scales, *zero = inputs
    axis, size = how.get("axis", 1), how.get("block_size", 0)
    if not size:
        raise ValueError("its weights are whole numbers without blocks, which isn't known here")
    blocks = np.arange(whole.shape[axis]) // size
    shift = np.take(zero[0], blocks, axis).astype(np.float32) if zero else np.float32(0)
    return (whole.astype(np.float32) - shift) * np.take(scales, blocks, axis)


#: What is computed when the file is opened.
ONCE: Mapping[str, Callable[[Sequence[np.ndarray], Mapping[str, Any]], np.ndarray]] = {
    "Constant": constant,
    "DequantizeLinear": dequantized,
    "Reshape": lambda inputs, how: inputs[0].reshape(inputs[1].tolist()),
}


def learnt(nodes: Sequence[Node]) -> set[str]:
    """Return the names of what training sets: not statistics, nor the numbers of the input."""
    norm, layers = "BatchNormalization", ("Conv", "Gemm", "PRelu")
    names = {name for node in nodes if node.op == norm for name in node.inputs[1:3]}
    return names | {name for node in nodes if node.op in layers for name in node.inputs[1:]}


def without_norms(nodes: Sequence[Node], weights: Arrays) -> list[Node]:
    """Return the nodes with batch norms folded into the convolutions right before them.

    The folded filters and biases are put into `weights`.
    """
    uses = Counter(name for node in nodes for name in node.inputs)
    kept: list[Node] = []
    for node in nodes:
        last = kept[-1] if kept else None
        follows = last and last.op == "Conv" and last.output == node.inputs[0]
        if last and follows and node.op == "BatchNormalization" and uses[last.output] == 1:
            filters, bias = f"{node.output} filters", f"{node.output} bias"
            weights[filters], weights[bias] = folded(last, node, weights)
            kept[-1] = Node("Conv", [last.inputs[0], filters, bias], node.output, last.how)
        else:
            kept.append(node)
    return kept


def folded(convolution: Node, norm: Node, weights: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Return filters and bias, float32, of a convolution with the batch norm behind it."""
    filters, *bias = (weights[name].astype(np.float64) for name in convolution.inputs[1:])
    gamma, beta, mean, variance = (weights[name].astype(np.float64) for name in norm.inputs[1:])
    factor = gamma / np.sqrt(variance + norm.how.get("epsilon", 1e-5))
    shift = beta + ((bias[0] if bias else 0) - mean) * factor
    return (filters * factor.reshape(-1, 1, 1, 1)).astype("f4"), shift.astype("f4")
