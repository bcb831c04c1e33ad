"""dlib's face recogniser (a ResNet of 29 layers, 128 numbers a face), from a package's weights.

D. E. King, "Dlib-ml: A Machine Learning Toolkit", JMLR 10 (2009). It expects faces aligned as by
`dlib.get_face_chip`: 150 pixels, a quarter of padding.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from facebench.errors import UserError
from facebench.models.encoder import Encoder, unit_rows
from facebench.models.hub import Wanted
from facebench.pictures.preprocess import Preprocess
from facebench.store.records import library_versions

WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"


def wanted(**_: object) -> Wanted:
    """Return where the weights are: inside face_recognition_models, which isn't imported.

    (Importing it needs pkg_resources, which newer Pythons lack.)
    """
    found = find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        raise UserError(
            "The family dlib needs the package face-recognition-models, which holds its weights;"
            " install it with pip."
        )
    folder = Path(next(iter(found.submodule_search_locations))) / "models"
    return Wanted({"weights": (WEIGHTS,)}, folder=folder)


def load(files: Mapping[str, Path] | None = None, **_: object) -> Encoder:
    """Return the encoder; its work is done on one thread of the CPU."""
    import dlib

    weights = (files or wanted().find().files)["weights"]
    network = dlib.face_recognition_model_v1(str(weights))

    def encode(pixels: np.ndarray) -> np.ndarray:
        chips = list(np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)))
        rows = network.compute_face_descriptor(chips, 0) if chips else []
        return unit_rows(np.array(rows).reshape(len(pixels), 128))

    # dlib resizes bilinearly where it cuts faces out.
    preprocess = Preprocess(
        size=(150, 150), mean=(0, 0, 0), std=(1, 1, 1), interpolation="bilinear"
    )
    record = {"dtype": "float32", "device": "cpu", "libraries": library_versions("dlib-bin")}
    return Encoder(128, preprocess, encode, record)


def parameters(**_: object) -> tuple[int, int]:
    """Return dlib's number of parameters twice, from its file's size: it holds float32 only."""
    count = (wanted().find().files["weights"]).stat().st_size // 4
    return count, count
