"""The part that all torch families share: pixels to unit rows on a device."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from facebench.models import device as devices
from facebench.models.encoder import Encoder, unit_rows
from facebench.pictures.preprocess import Preprocess, normalise

if TYPE_CHECKING:
    import torch


def torch_encoder(
    network: "torch.nn.Module",
    forward: "Callable[[torch.Tensor], torch.Tensor]",
    preprocess: Preprocess,
    device: str,
    precision: str,
    libraries: dict[str, str],
    text: "Callable[[Sequence[str], torch.device], torch.Tensor] | None" = None,
) -> Encoder:
    """Return the encoder around `network`, moved to its device.

    `forward` maps normalised float32 pixels to rows; `text` maps sentences to rows.
    """
    import torch

    chosen = devices.choose(device)
    network.to(chosen).eval().requires_grad_(False)

    def on_device(pixels: np.ndarray) -> "torch.Tensor":
        tensor = torch.from_numpy(pixels)
        # From pinned memory a copy to a GPU goes on while the model works.
        tensor = tensor.pin_memory() if chosen.type == "cuda" else tensor
        return normalise(tensor.to(chosen, non_blocking=True), preprocess)

    def encode_batches(batches: Iterable[np.ndarray]) -> np.ndarray:
        with torch.inference_mode(), devices.autocast(chosen, precision):
            rows = [forward(on_device(pixels)).float() for pixels in batches]
        return unit_rows(torch.cat(rows).cpu().numpy()) if rows else np.zeros((0, dim), np.float32)

    def encode(pixels: np.ndarray) -> np.ndarray:
        return encode_batches([pixels])

    def encode_text(sentences: Sequence[str]) -> np.ndarray:
        assert text is not None  # noqa: S101 (tells mypy)
        with torch.inference_mode(), devices.autocast(chosen, precision):
            return unit_rows(text(sentences, chosen).float().cpu().numpy())

    dim = encode(np.zeros((1, 3, *preprocess.size), np.uint8)).shape[1]
    record: dict[str, Any] = {
        "dtype": devices.dtype(chosen, precision),
        "device": chosen.type,
        "libraries": libraries,
    }
    read = encode_text if text else None
    return Encoder(dim, preprocess, encode, record, read, forward, chosen, encode_batches)
