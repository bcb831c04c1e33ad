"""A network that takes cloaks out of pictures, and leaves others nearly as they are.

After PuFace (2024), which undoes cloaks by a trained network: here it is a few plain convolutions
at half resolution that say what to add to a picture. `facebench.training.purifier` trains it.
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from facebench.errors import UserError
from facebench.places import local
from facebench.timing import loading

if TYPE_CHECKING:
    import numpy as np
    import torch

#: The files of a purifier in its folder.
WEIGHTS, CONFIG = "model.safetensors", "config.json"
#: What an output of 1 adds, on 0 to 1: outputs are of the size that weights learn fast.
SCALE = 8 / 255


def network(width: int, layers: int) -> "torch.nn.Module":
    """Return the network: pictures (n, 3, height, width), even sides, to what `cleaned` adds.

    width: channels; layers: convolutions between the first and the last. It starts by adding
    nothing. The others start after He and others, "Delving deep into rectifiers", 2015: with
    PyTorch's own start each would pass on 0.4 of what it gets, and seven hardly anything.
    """
    from torch import nn

    def convolution(before: int, after: int) -> nn.Conv2d:
        layer = nn.Conv2d(before, after, 3, padding=1, padding_mode="replicate")
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        return layer

    inner = [part for _ in range(layers) for part in (convolution(width, width), nn.ReLU())]
    last = convolution(width, 12)
    nn.init.zeros_(last.weight)
    first = [nn.PixelUnshuffle(2), convolution(12, width), nn.ReLU()]
    return nn.Sequential(*first, *inner, last, nn.PixelShuffle(2))


def cleaned(net: "torch.nn.Module", pictures: "torch.Tensor") -> "torch.Tensor":
    """Return pictures (n, 3, height, width) on 0 to 1 with what the network adds, not cut."""
    return pictures + SCALE * net(pictures - 0.5).float()


def purified(pixels: "np.ndarray", weights: str) -> "np.ndarray":
    """Return uint8 RGB pixels (height, width, 3) of any size without what a cloak changed.

    weights: the folder of the network. Raises `UserError` if it holds none.
    """
    import numpy as np
    import torch
    from torch.nn.functional import pad

    net = opened(str(local(weights)))
    height, width = pixels.shape[:2]
    planes = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None].float() / 255
    planes = pad(planes, (0, width % 2, 0, height % 2), mode="replicate")
    with torch.inference_mode():
        clean = cleaned(net, planes).clamp(0, 1)[0, :, :height, :width]
    return (clean * 255).round().byte().permute(1, 2, 0).numpy()


@cache
def opened(folder: str) -> "torch.nn.Module":
    """Return the network of a folder, on the CPU; one thread computes a picture."""
    with loading():
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        # Threads take a picture each, and sums don't depend on how many there are.
        torch.set_num_threads(1)
        try:
            net = network(**json.loads((Path(folder) / CONFIG).read_text()))
            state = load_file(Path(folder) / WEIGHTS)
            net.load_state_dict({name: tensor.float() for name, tensor in state.items()})
        except (OSError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
            why = " ".join(str(error).split())[:200]
            raise UserError(
                f"{folder} holds no purifier that can be used ({why}): write one there with"
                " tools.train_purifier."
            ) from error
    return net.eval().requires_grad_(False)
