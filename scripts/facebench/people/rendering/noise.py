"""Seeded noise over space: a hash, smooth noise, and scattered spots."""

import math

import numpy as np

from facebench.people.rendering.jit import kernel

U = np.uint32


@kernel
def mix(i, j, k, seed):
    """A hash of a lattice point, uniform in [0, 1)."""
    h = U(i) * U(374761393) + U(j) * U(668265263) + U(k) * U(2147483647) + U(seed) * U(974634777)
    h = U(h ^ (h >> U(13))) * U(1274126177)
    h = U(h ^ (h >> U(16))) * U(2246822519)
    h = U(h ^ (h >> U(15)))
    return (h >> U(8)) / 16777216.0


@kernel
def cloud(x, y, z, seed):
    """Smooth noise with features of size 1, 0 to 1 around 0.5."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    u, v, w = x - i, y - j, z - k
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    total = 0.0
    for corner in range(8):
        a, b, c = corner & 1, (corner >> 1) & 1, corner >> 2
        weight = (u if a else 1 - u) * (v if b else 1 - v) * (w if c else 1 - w)
        total += weight * mix(i + a, j + b, k + c, seed)
    return total


@kernel
def strand(s, seed):
    """Smooth noise along a line, 0 to 1."""
    i = math.floor(s)
    u = s - i
    u = u * u * (3 - 2 * u)
    return (1 - u) * mix(i, 0, 0, seed) + u * mix(i + 1, 0, 0, seed)


@kernel
def spots(x, y, z, share, seed):
    """Round spots in a `share` of unit cells: 1 in a spot's middle, 0 outside."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    if mix(i, j, k, seed) >= share:
        return 0.0
    radius = 0.18 + 0.22 * mix(i, j, k, seed + 1)
    u = x - i - 0.4 - 0.2 * mix(i, j, k, seed + 2)
    v = y - j - 0.4 - 0.2 * mix(i, j, k, seed + 3)
    w = z - k - 0.5
    return max(0.0, 1.0 - (u * u + v * v + 0.3 * w * w) / (radius * radius))


@kernel
def bump(t, width):
    """A soft bell: 1 at 0, about 0.37 at `width`."""
    return math.exp(-t * t / (width * width))
