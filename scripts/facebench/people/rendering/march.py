"""Sphere tracing: rays to hits, normals, shadow and openness, a batch of rays at a time."""

import numpy as np

from facebench.people.rendering.distance import distances
from facebench.people.rendering.jit import kernel
from facebench.people.rendering.scene import ROWS

F = np.float32
ZERO = np.int64(0)  # a bare 0 would be a type of its own, compiled for separately
STEPS = 100


@kernel
def march(scene, ox, oy, oz, dx, dy, dz, t, n, far, close, parts, hit):
    """Walk n rays from t (changed in place) to a surface; `hit` (n,) says which arrived.

    Origins and unit directions are (n,), all float32 but `hit` (uint8). Rays that go beyond
    `far` miss.
    """
    x, y, z, out = np.empty(n, F), np.empty(n, F), np.empty(n, F), np.empty(n, F)
    alive = np.arange(n)
    count = n
    hit[:n] = 0
    for _ in range(STEPS):
        for j in range(count):
            i = alive[j]
            x[j], y[j], z[j] = ox[i] + t[i] * dx[i], oy[i] + t[i] * dy[i], oz[i] + t[i] * dz[i]
        distances(scene, x, y, z, count, parts, out)
        left = ZERO
        for j in range(count):
            i = alive[j]
            if out[j] < close:
                hit[i] = 1
            else:
                t[i] += max(F(0.95) * out[j], F(1.2) * close)
                if t[i] < far:
                    alive[left] = i
                    left += 1
        count = left
        if count == 0:
            break
    for j in range(count):
        hit[alive[j]] = out[j] < F(0.05)


@kernel
def normals(scene, x, y, z, n, size, parts, nx, ny, nz):
    """Unit normals (n,) of the nearest surface, from four points `size` away."""
    px, py, pz, out = np.empty(n, F), np.empty(n, F), np.empty(n, F), np.empty(n, F)
    for i in range(n):
        nx[i] = ny[i] = nz[i] = F(0.0)
    for corner in range(4):
        sx = F(1.0) if corner == 0 or corner == 3 else F(-1.0)
        sy = F(1.0) if corner == 2 or corner == 3 else F(-1.0)
        sz = F(1.0) if corner == 1 or corner == 3 else F(-1.0)
        for i in range(n):
            px[i], py[i], pz[i] = x[i] + size * sx, y[i] + size * sy, z[i] + size * sz
        distances(scene, px, py, pz, n, parts, out)
        for i in range(n):
            nx[i] += sx * out[i]
            ny[i] += sy * out[i]
            nz[i] += sz * out[i]
    for i in range(n):
        size_i = F(1.0) / np.sqrt(nx[i] * nx[i] + ny[i] * ny[i] + nz[i] * nz[i] + F(1e-20))
        nx[i] *= size_i
        ny[i] *= size_i
        nz[i] *= size_i


@kernel
def shadows(scene, x, y, z, nx, ny, nz, n, lx, ly, lz, parts, lit):
    """How much of a lamp in direction (lx, ly, lz), a little wide, each point sees: 0 to 1."""
    px, py, pz, out = np.empty(n, F), np.empty(n, F), np.empty(n, F), np.empty(n, F)
    t = np.empty(n, F)
    alive = np.empty(n, np.int64)
    count = ZERO
    for i in range(n):
        facing = nx[i] * lx + ny[i] * ly + nz[i] * lz
        lit[i] = F(1.0) if facing > F(0.0) else F(0.0)
        t[i] = F(0.04)
        if facing > F(0.0):
            alive[count] = i
            count += 1
    for _ in range(12):
        for j in range(count):
            i = alive[j]
            px[j] = x[i] + F(0.02) * nx[i] + t[i] * lx
            py[j] = y[i] + F(0.02) * ny[i] + t[i] * ly
            pz[j] = z[i] + F(0.02) * nz[i] + t[i] * lz
        distances(scene, px, py, pz, count, parts, out)
        left = ZERO
        for j in range(count):
            i = alive[j]
            lit[i] = min(lit[i], max(F(0.5) + F(3.5) * out[j] / t[i], F(0.0)))
            t[i] += max(out[j], F(0.05))
            if lit[i] > F(0.01) and t[i] < F(1.6):
                alive[left] = i
                left += 1
        count = left


@kernel
def openness(scene, x, y, z, nx, ny, nz, n, parts, out):
    """How much of the sky each point sees, 0 to 1: distances met on the way out of the surface."""
    px, py, pz, near = np.empty(n, F), np.empty(n, F), np.empty(n, F), np.empty(n, F)
    for i in range(n):
        out[i] = F(1.0)
    for step in range(3):
        reach = F(0.06) if step == 0 else (F(0.16) if step == 1 else F(0.38))
        for i in range(n):
            px[i], py[i], pz[i] = x[i] + reach * nx[i], y[i] + reach * ny[i], z[i] + reach * nz[i]
        distances(scene, px, py, pz, n, parts, near)
        for i in range(n):
            out[i] -= F(0.4) * max(reach - near[i], F(0.0)) / reach
    for i in range(n):
        out[i] = max(out[i], F(0.0))


@kernel
def surface(scene, x, y, z, n):
    """Move n points of the head's frame along -z onto the first surface (z in place); which did."""
    t, zero, back = np.zeros(n, F), np.zeros(n, F), np.full(n, F(-1.0))
    hit, parts = np.zeros(n, np.uint8), np.empty((ROWS, n), F)
    march(scene, x, y, z, zero, zero, back, t, n, F(6.0), F(0.0005), parts, hit)
    for i in range(n):
        z[i] -= t[i]
    return hit
