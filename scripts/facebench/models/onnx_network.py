"""Networks in ONNX's format, computed with torch: they have gradients down to the pixels."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from facebench.models.onnx_graph import Graph

How = Mapping[str, Any]
Tensors = Sequence[torch.Tensor]


def convolved(inputs: Tensors, how: How) -> torch.Tensor:
    """Return ONNX's Conv, padded alike on both sides."""
    pads = how.get("pads", [0, 0, 0, 0])
    if len(pads) != 4 or pads[:2] != pads[2:] or how.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise ValueError("it has a convolution with other padding than is known here")
    x, filters, *bias = inputs
    return functional.conv2d(
        x,
        filters,
        bias[0] if bias else None,
        stride=how.get("strides", 1),
        padding=pads[:2],
        dilation=how.get("dilations", 1),
        groups=how.get("group", 1),
    )


def normed(inputs: Tensors, how: How) -> torch.Tensor:
    """Return ONNX's BatchNormalization, as it is after the training."""
    x, gamma, beta, mean, variance = inputs
    return functional.batch_norm(x, mean, variance, gamma, beta, eps=how.get("epsilon", 1e-5))


def multiplied(inputs: Tensors, how: How) -> torch.Tensor:
    """Return ONNX's Gemm."""
    a, b = (
        one.T if how.get(turned, 0) else one
        for one, turned in zip(inputs, ("transA", "transB"), strict=False)
    )
    product = how.get("alpha", 1.0) * (a @ b)
    return product + how.get("beta", 1.0) * inputs[2] if len(inputs) == 3 else product


OPERATORS: Mapping[str, Callable[[Tensors, How], torch.Tensor]] = {
    "Add": lambda inputs, how: inputs[0] + inputs[1],
    "BatchNormalization": normed,
    "Conv": convolved,
    "Dropout": lambda inputs, how: inputs[0],
    "Flatten": lambda inputs, how: inputs[0].flatten(how.get("axis", 1)),
    "Gemm": multiplied,
    "Mul": lambda inputs, how: inputs[0] * inputs[1],
    "PRelu": lambda inputs, how: functional.prelu(inputs[0], inputs[1].flatten()),
    "Relu": lambda inputs, how: inputs[0].relu(),
    "Sub": lambda inputs, how: inputs[0] - inputs[1],
}


class OnnxNetwork(nn.Module):
    """Maps pixels (n, 3, height, width), as the file's network takes them, to its output (n, dim).

    Raises `ValueError`, with a reason for a sentence, for an operator that isn't in `OPERATORS`.
    """

    def __init__(self, graph: Graph) -> None:
        """Take the weights up."""
        super().__init__()
        if unknown := {node.op for node in graph.nodes} - OPERATORS.keys():
            raise ValueError(f"{', '.join(sorted(unknown))} can't be computed here")
        self.graph = graph
        self.numbers = {name: number for number, name in enumerate(graph.weights)}
        self.weights = nn.ParameterList([torch.tensor(one) for one in graph.weights.values()])
        self.to(memory_format=torch.channels_last)
        names = {name: node for node in graph.nodes for name in node.inputs}
        #: What is no longer needed behind a node, by its output.
        self.spent: dict[str, list[str]] = {node.output: [] for node in graph.nodes}
        for name, last in names.items():
            if name not in graph.weights:
                self.spent[last.output].append(name)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the rows."""
        made = {self.graph.input: pixels.contiguous(memory_format=torch.channels_last)}
        for node in self.graph.nodes:
            inputs = [
                self.weights[self.numbers[name]] if name in self.numbers else made[name]
                for name in node.inputs
            ]
            made[node.output] = OPERATORS[node.op](inputs, node.how)
            for name in self.spent[node.output]:
                del made[name]
        return made[self.graph.output]
