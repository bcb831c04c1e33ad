"""dlib's face recogniser (a ResNet of 29 layers, 128 numbers a face), from a package's weights.

D. E. King, "Dlib-ml: A Machine Learning Toolkit", JMLR 10 (2009). It expects faces aligned as by
`dlib.get_face_chip`: 150 pixels, a quarter of padding. The network is computed with torch: its
vectors are dlib's but for rounding, it is faster, and it has gradients.
"""

from collections.abc import Mapping
from pathlib import Path

from facebench.models.dlib_weights import read_weights
from facebench.models.encoder import Encoder
from facebench.models.hub import Wanted, in_installed
from facebench.models.torch_encoder import torch_encoder
from facebench.pictures.preprocess import Preprocess
from facebench.store.records import library_versions

PACKAGE = "face_recognition_models"
WEIGHTS = "models/dlib_face_recognition_resnet_model_v1.dat"


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
    from facebench.models.dlib_network import DlibNetwork

    weights = read_weights((files or wanted().find().files)["weights"])
    network = DlibNetwork(weights)
    # Pixels are divided by 256, not 255. dlib resizes bilinearly where it cuts faces out.
    preprocess = Preprocess(
        size=weights.size,
        mean=tuple(value / 255 for value in weights.mean),
        std=(256 / 255,) * 3,
        interpolation="bilinear",
    )
    libraries = library_versions("torch", "torchvision")
    return torch_encoder(network, network, preprocess, device, "float32", libraries)


def parameters(files: Mapping[str, Path] | None = None, **_: object) -> tuple[int, int]:
    """Return dlib's number of parameters twice: there is only an image tower."""
    count = read_weights((files or wanted().find().files)["weights"]).count
    return count, count
