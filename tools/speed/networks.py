"""Networks as a reader of open_clip's README would load them, with random weights.

No facebench here: the parts that it is compared with run without it, also in other environments.
"""

import json
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).parents[2] / "weights"


def plain(model: str) -> tuple[Any, Any]:
    """Return the network of a model and its transform; `mini-...` is one that is shipped here."""
    import open_clip

    described = WEIGHTS / model / "open_clip_config.json"
    if described.exists():
        # Older versions can't read such a folder, but take a description of the network.
        config = json.loads(described.read_text())["model_cfg"]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{model}.json"
            file.write_text(json.dumps(config))
            open_clip.add_model_config(file)
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # of random weights
    try:
        network, _, transform = open_clip.create_model_and_transforms(model)
    finally:
        logging.disable(before)
    return network.eval(), transform


def pixels_of(network: Any) -> int:
    """Return the side of the pictures that a network takes."""
    size = network.visual.image_size
    return int(size[0] if isinstance(size, tuple | list) else size)


def gflop(network: Any) -> float:
    """Return the billions of operations of a picture, two for a multiplication with its addition.

    Torch counts products of matrices and convolutions; for ViT-B-32 that is a hundredth less than
    open_clip's own list of models says.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    # The fused form of attention isn't counted.
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    side = pixels_of(network)
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network.encode_image(torch.zeros(1, 3, side, side))
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
    return float(counter.get_total_flops() / 1e9)


def product(*, rows: int, inner: int, columns: int, times: int = 1) -> Callable[[], float]:
    """Return what multiplies float32 matrices in torch and returns the billions of operations.

    Nothing but the products is in it: the matrices and the place of the result are made before.
    """
    import torch

    left, right = torch.randn(rows, inner), torch.randn(inner, columns)
    found = torch.zeros(rows, columns)

    def multiply() -> float:
        for _ in range(times):
            torch.mm(left, right, out=found)
        return 2 * times * rows * inner * columns / 1e9

    return multiply
