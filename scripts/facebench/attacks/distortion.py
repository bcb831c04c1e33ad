"""How large a perturbation is. Pictures are uint8 RGB (height, width, 3); sizes are on 0 to 255."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

#: Of SSIM: side and deviation of the window, and the two constants (Wang and others, 2004).
WINDOW, DEVIATION, K1, K2 = 11, 1.5, 0.01, 0.03

#: Shortest side, in pixels, that AlexNet's last layers need.
SMALLEST = 31


def linf(clean: np.ndarray, attacked: np.ndarray) -> float:
    """Return the largest change of any value.

    >>> linf(np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 8, np.uint8))
    8.0
    """
    return float(np.abs(clean.astype(np.int16) - attacked).max(initial=0))


def l2(clean: np.ndarray, attacked: np.ndarray) -> float:
    """Return the root mean square of the changes of all values."""
    return float(np.sqrt(np.mean((clean.astype(np.float64) - attacked) ** 2)))


def psnr(clean: np.ndarray, attacked: np.ndarray) -> float | None:
    """Return the peak signal-to-noise ratio in dB; None for equal pictures."""
    size = l2(clean, attacked)
    return None if size == 0 else float(20 * np.log10(255 / size))


def dssim(clean: np.ndarray, attacked: np.ndarray) -> float:
    """Return the structural dissimilarity (1 - SSIM) / 2: 0 for equal pictures, at most 1."""
    import torch

    a, b = (
        torch.from_numpy(picture.transpose(2, 0, 1).astype(np.float64))[None]
        for picture in (clean, attacked)
    )
    return float((1 - ssim(a, b)[0]) / 2)


def lpips(clean: np.ndarray, attacked: np.ndarray) -> float | None:
    """Return the perceptual distance LPIPS (AlexNet).

    None where its weights aren't here, and for pictures that are smaller than it can take.
    """
    network = lpips_network()
    if network is None or min(clean.shape[:2]) < SMALLEST:
        return None
    import torch

    with torch.no_grad():
        a, b = (
            torch.from_numpy(picture.transpose(2, 0, 1) / 127.5 - 1).float()[None]
            for picture in (clean, attacked)
        )
        return float(network(a, b))


def ssim(a: "torch.Tensor", b: "torch.Tensor") -> "torch.Tensor":
    """Return the structural similarity of two batches (n, 3, height, width) on 0 to 255: (n,).

    Single scale, an 11 x 11 Gaussian window of deviation 1.5 where it lies within the picture
    (smaller pictures: the largest odd window that does), the mean over windows and channels, as
    Wang and others (IEEE TIP 2004) and TensorFlow's `tf.image.ssim`. Differentiable.
    """
    import torch
    from torch.nn.functional import conv2d

    side = min(WINDOW, *(n - 1 + n % 2 for n in a.shape[-2:]))
    offsets = torch.arange(side, dtype=a.dtype, device=a.device) - side // 2
    line = torch.exp(-(offsets**2) / (2 * DEVIATION**2))
    line = line / line.sum()

    def mean(x: "torch.Tensor") -> "torch.Tensor":
        flat = x.reshape(-1, 1, *x.shape[-2:])
        flat = conv2d(conv2d(flat, line.view(1, 1, -1, 1)), line.view(1, 1, 1, -1))
        return flat.reshape(*x.shape[:2], *flat.shape[-2:])

    c1, c2 = (K1 * 255) ** 2, (K2 * 255) ** 2
    mean_a, mean_b = mean(a), mean(b)
    products = mean_a * mean_b
    squares = mean_a**2 + mean_b**2
    spread = mean(a * a) + mean(b * b) - squares
    shared = mean(a * b) - products
    similar = (2 * products + c1) * (2 * shared + c2) / ((squares + c1) * (spread + c2))
    return similar.flatten(1).mean(1)


@cache
def lpips_network() -> "torch.nn.Module | None":
    """Return the network of LPIPS if the package and both its weights are on this machine."""
    try:
        import lpips as package
        import torch
        from torchvision.models import AlexNet_Weights
    except ImportError:
        return None
    name = AlexNet_Weights.IMAGENET1K_V1.url.rsplit("/", 1)[-1]
    from pathlib import Path

    if not (Path(torch.hub.get_dir()) / "checkpoints" / name).exists():
        return None  # it would be downloaded
    return package.LPIPS(net="alex", verbose=False).eval().requires_grad_(False)
