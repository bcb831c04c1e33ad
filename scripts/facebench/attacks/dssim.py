"""Structural similarity as an attack needs it while it searches: fast, and open to gradients.

`facebench.attacks.distortion` measures the same of two pictures, in double precision.
"""

from typing import TYPE_CHECKING

from facebench.attacks.distortion import DEVIATION, K1, K2, WINDOW

if TYPE_CHECKING:
    import torch

C1, C2 = (K1 * 255) ** 2, (K2 * 255) ** 2


class Dssim:
    """(1 - SSIM) / 2 to fixed clean pictures of one size: 0 for the same pixels, at most 1.

    The mean over channels and over the places where the whole window lies in the picture.
    """

    def __init__(self, clean: "torch.Tensor") -> None:
        """Take the clean pictures: float32 (n, channels, height, width), 0 to 255."""
        import torch

        # Variances don't change with the mean; near zero they keep their digits in float32.
        self.middle = clean.mean((2, 3), keepdim=True)
        self.clean = clean - self.middle
        side = min(WINDOW, *(length - 1 + length % 2 for length in clean.shape[-2:]))
        self.kernel = gaussian(side, DEVIATION).to(clean.device)
        moments = torch.cat([self.clean, self.clean**2])
        self.mean, square = smoothed(moments, self.kernel).chunk(2)
        self.variance = square - self.mean**2

    def __call__(self, pictures: "torch.Tensor") -> "torch.Tensor":
        """Return DSSIM (n,) of `pictures`, which have the shape and range of the clean ones."""
        import torch

        shifted = pictures - self.middle
        moments = torch.cat([shifted, shifted**2, shifted * self.clean])
        mean, square, product = smoothed(moments, self.kernel).chunk(3)
        variance, covariance = square - mean**2, product - mean * self.mean
        ours, theirs = self.mean + self.middle, mean + self.middle
        light = (2 * ours * theirs + C1) / (ours**2 + theirs**2 + C1)
        shape = (2 * covariance + C2) / (self.variance + variance + C2)
        return (1 - (light * shape).mean((1, 2, 3))) / 2


def gaussian(size: int, sigma: float) -> "torch.Tensor":
    """Return `size` weights of a Gaussian about the middle, with sum 1.

    >>> [round(float(weight), 3) for weight in gaussian(3, 1.0)]
    [0.274, 0.452, 0.274]
    """
    import torch

    places = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
    weights = torch.exp(-(places**2) / (2 * sigma**2))
    return weights / weights.sum()


def smoothed(pictures: "torch.Tensor", kernel: "torch.Tensor") -> "torch.Tensor":
    """Return `pictures` (n, c, h, w) under a separable kernel, where it lies wholly inside them.

    All planes are the channels of one picture: on a CPU ten times as fast as a batch of them.
    """
    from torch.nn.functional import conv2d

    n, channels, height, width = pictures.shape
    size, planes = len(kernel), n * channels
    flat = pictures.reshape(1, planes, height, width)
    down = kernel.view(1, 1, size, 1).expand(planes, 1, size, 1)
    along = kernel.view(1, 1, 1, size).expand(planes, 1, 1, size)
    flat = conv2d(conv2d(flat, down, groups=planes), along, groups=planes)
    return flat.view(n, channels, *flat.shape[2:])
