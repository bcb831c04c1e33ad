"""ONNX files small enough to make in a test, and what they compute, in numpy."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

#: Channels of the convolution, and numbers in a vector.
WIDTH, DIM = 8, 16


def drawn(seed=0):
    """Return the weights of a network: a kernel for each pixel's colours, and a matrix."""
    rng = np.random.default_rng(seed)
    kernel = rng.normal(size=(WIDTH, 3, 1, 1)).astype(np.float32)
    return kernel, rng.normal(size=(DIM, WIDTH)).astype(np.float32)


def computed(pixels, mean=0.5, std=0.5, seed=0):
    """Return the unit rows (n, DIM) that the network has for uint8 pixels (n, 3, h, w), by numpy.

    `mean` and `std` are one number or three, in the order of the channels of `pixels`.
    """
    kernel, matrix = drawn(seed)
    mean, std = (np.broadcast_to(value, 3).reshape(3, 1, 1) for value in (mean, std))
    values = (pixels / 255 - mean) / std
    hidden = np.einsum("oi,nihw->nohw", kernel[:, :, 0, 0].astype(float), values)
    rows = np.maximum(hidden, 0).mean(axis=(2, 3)) @ matrix.T.astype(float)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def tiny_onnx(path, batch="n", size=(32, 32), inside=None, more=(), promised=None, **saving):
    """Write such a network for pictures of `size` (height, width); return its parameters' number.

    `batch`: a number or a name; `promised`: what the file says instead, of a batch. `inside`: the
    batch that a reshape inside has. `more`: nodes whose last output is an output, too.
    """
    kernel, matrix = drawn()
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["mixed"]),
        helper.make_node("Relu", ["mixed"], ["hidden"]),
        helper.make_node("GlobalAveragePool", ["hidden"], ["pooled"]),
        helper.make_node("Reshape", ["pooled", "shape"], ["flat"]),
        helper.make_node("Gemm", ["flat", "matrix"], ["y"], transB=1),
        *more,
    ]
    names = ["y", *(node.output[-1] for node in more)]
    floats = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", floats, [promised or batch, 3, *size])],
        [helper.make_tensor_value_info(name, floats, None) for name in names],
        [
            numpy_helper.from_array(kernel, "kernel"),
            numpy_helper.from_array(matrix, "matrix"),
            numpy_helper.from_array(np.array([inside or -1, WIDTH], np.int64), "shape"),
        ],
    )
    sets = {node.domain: 1 for node in more if node.domain}
    opsets = [helper.make_opsetid(*pair) for pair in {"": 17, **sets}.items()]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    onnx.save(model, path, **saving)
    return kernel.size + matrix.size
