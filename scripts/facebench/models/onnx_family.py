"""Networks in ONNX's format, as many face recognisers are published; onnxruntime runs them.

A file holds a graph of operators and numbers, no code. Only onnxruntime's own operators are run.
"""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from facebench.errors import UserError
from facebench.models.encoder import Encoder, unit_rows
from facebench.models.hub import Wanted, local
from facebench.models.onnx_session import Network, batch_of, open_session, output_of, tried
from facebench.pictures.preprocess import Preprocess, normalise
from facebench.store.records import file_sha256

Numbers = float | Sequence[float]


def wanted(
    path: str | None = None,
    repo: str | None = None,
    file: str | None = None,
    data: str | None = None,
    revision: str = "main",
    **_: object,
) -> Wanted:
    """Return where the file is: at `path`, or it is `file` in the hub's repository `repo`.

    `data` is a second file in the repository, with the tensors that the first keeps outside itself.
    """
    if (path is None) == (repo is None) or (repo is None) != (file is None):
        raise UserError("A model of family onnx needs `path` alone, or `repo` and `file` together.")
    if path is not None:
        place = local(path)
        if place.is_dir():
            raise UserError(f"{path} is a folder; family onnx needs the path of a file in it.")
        return Wanted({"weights": (place.name,)}, folder=place.parent)
    more = {"data": (data,)} if data else {}
    return Wanted({"weights": (str(file),), **more}, repo=repo, revision=revision)


def load(
    files: Mapping[str, Path] | None = None,
    size: int | Sequence[int] = 112,
    mean: Numbers = 0.5,
    std: Numbers = 0.5,
    channels: str = "rgb",
    output: str | None = None,
    device: str = "auto",
    precision: str = "auto",
    **spec: Any,
) -> Encoder:
    """Return the encoder; always float32, whatever `precision`.

    `size` is (width, height) or one number for both; `mean` and `std` are of pixels scaled to 0-1,
    one number or one a channel in the order of `channels`, in which the network takes them, too.
    """
    import onnxruntime
    import torch

    weights = Path((files or wanted(**spec).find().files)["weights"])
    width, height = (size, size) if isinstance(size, int) else size
    preprocess = Preprocess(
        (height, width), _rgb(mean, channels), _rgb(std, channels), interpolation="bilinear"
    )
    data = external(weights)
    session = open_session(weights, device)
    batch = batch_of(session, weights, preprocess.size)
    untried = Network(session, output_of(session, weights, output), batch)
    network = tried(untried, weights, preprocess.size)

    def encode(pixels: np.ndarray) -> np.ndarray:
        values = normalise(torch.from_numpy(pixels), preprocess)
        return unit_rows(network((values.flip(1) if channels == "bgr" else values).numpy()))

    record: dict[str, Any] = {
        "dtype": "float32",
        "device": "cuda" if session.get_providers()[0].startswith("CUDA") else "cpu",
        "libraries": {"onnxruntime": onnxruntime.__version__},
    }
    if data:
        record["data_sha256"] = {name: file_sha256(weights.parent / name) for name in data}
    return Encoder(network.dim, preprocess, encode, record)


def parameters(files: Mapping[str, Path], **_: Any) -> tuple[int, int]:
    """Return twice the number of numbers that the file's initialisers hold.

    Integers of 64 bits (shapes) and the statistics of batch normalisation are none.
    """
    from onnx import TensorProto

    graph = read_graph(Path(files["weights"]))
    none = {TensorProto.INT64, TensorProto.BOOL, TensorProto.STRING}
    normal = [node for node in graph.node if node.op_type == "BatchNormalization"]
    statistics = {name for node in normal for name in node.input[3:5]}
    tensors = [one for one in graph.initializer if one.data_type not in none]
    count = sum(prod(one.dims) for one in tensors if one.name not in statistics)
    return count, count


def external(weights: Path) -> list[str]:
    """Return the names of the files beside `weights` that hold tensors of it; checks each is there.

    Raises `UserError` for one that isn't.
    """
    entries = [entry for one in read_graph(weights).initializer for entry in one.external_data]
    files = sorted({entry.value for entry in entries if entry.key == "location"})
    for name in files:
        if not (weights.parent / name).exists():
            raise UserError(
                f"{weights} needs the file {name} beside it, which is missing. For a model from the"
                " hub, set the key `data` to that file."
            )
    return files


def read_graph(weights: Path) -> Any:
    """Return the graph of a file, its external tensors unread."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load(weights, format="protobuf", load_external_data=False).graph
    except DecodeError as error:
        raise UserError(f"{weights} is not a complete ONNX file ({error}).") from error
    if not graph.node:
        raise UserError(f"{weights} is empty, or not an ONNX file.")
    return graph


def _rgb(values: Numbers, channels: str) -> tuple[float, ...]:
    """Return three numbers in the order red, green, blue."""
    three = (values,) * 3 if isinstance(values, int | float) else tuple(values)
    return three[::-1] if channels == "bgr" else three
