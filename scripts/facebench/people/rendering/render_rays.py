"""The traced picture: rays through pixels, what they hit, and how it is lit."""

import numpy as np

from facebench.people.rendering.distance import distances
from facebench.people.rendering.jit import kernel
from facebench.people.rendering.march import march, normals, openness, shadows
from facebench.people.rendering.scene import ROWS
from facebench.people.rendering.shade import nearest, shade, through_lens

F = np.float32
ZERO = np.int64(0)  # a bare 0 would be a type of its own, compiled for separately
BLOCK = 4
BATCH = 32 * BLOCK * BLOCK


@kernel
def aim(forward, column, row, size, rays, j):
    """The unit direction through a point of the picture, into column j of `rays` (3, n)."""
    u = F(column) / F(size) * F(2.0) - F(1.0)
    v = F(1.0) - F(row) / F(size) * F(2.0)
    length = F(0.0)
    for c in range(3):
        rays[c, j] = u * forward[0, c] + v * forward[1, c] + forward[2, c]
        length += rays[c, j] * rays[c, j]
    for c in range(3):
        rays[c, j] /= np.sqrt(length)


@kernel
def repeat(origin, n):
    """The origin (3,) for n rays: (3, n) float32."""
    out = np.empty((3, n), F)
    for c in range(3):
        for j in range(n):
            out[c, j] = origin[c]
    return out


@kernel
def approach(scene, origin, forward, near, far, size):
    """How far the rays of each 4 by 4 block can go unseen, and whether they near anything."""
    blocks = (size + BLOCK - 1) // BLOCK
    rays, eye = np.empty((3, blocks), F), repeat(origin, blocks)
    t, hit = np.empty((blocks, blocks), F), np.empty((blocks, blocks), np.uint8)
    parts = np.empty((ROWS, blocks), F)
    right = np.sqrt(forward[0, 0] ** 2 + forward[0, 1] ** 2 + forward[0, 2] ** 2)
    wide = right * F(2.0 * 1.42 * BLOCK / 2) / F(size) * far
    for row in range(blocks):
        for column in range(blocks):
            aim(forward, (column + 0.5) * BLOCK, (row + 0.5) * BLOCK, size, rays, column)
            t[row, column] = near
        march(
            scene, eye[0], eye[1], eye[2], rays[0], rays[1], rays[2], t[row], blocks, far,
            wide * F(1.3), parts, hit[row],
        )  # fmt: skip
    return t, hit, wide


@kernel
def fill(scene, look, origin, near, far, rays, t, n, pixel, which, flat, cover, work):
    """Trace and light n rays (3, n) from t on; hits go to rows which[j] of `flat` and `cover`."""
    ox, oy, oz = origin[0], origin[1], origin[2]
    lx, ly, lz = look.light.lamp[0], look.light.lamp[1], look.light.lamp[2]
    eye, hit, at = repeat(origin, n), np.empty(n, np.uint8), np.empty(n, np.int64)
    parts, place, norm = work[:ROWS], work[ROWS : ROWS + 3], work[ROWS + 3 : ROWS + 6]
    lit, sky, out = work[ROWS + 6], work[ROWS + 7], work[ROWS + 8]
    view, normal, albedo, colour = np.empty(3, F), np.empty(3, F), np.empty(3, F), np.empty(3, F)
    close = F(0.22) * pixel
    march(scene, eye[0], eye[1], eye[2], rays[0], rays[1], rays[2], t, n, far, close, parts, hit)
    count = ZERO
    for j in range(n):
        if hit[j]:
            at[count] = j
            for c in range(3):
                place[c, count] = origin[c] + t[j] * rays[c, j]
            count += 1
    x, y, z, nx, ny, nz = place[0], place[1], place[2], norm[0], norm[1], norm[2]
    normals(scene, x, y, z, count, min(F(0.006), F(0.3) * pixel), parts, nx, ny, nz)
    shadows(scene, x, y, z, nx, ny, nz, count, lx, ly, lz, parts, lit)
    openness(scene, x, y, z, nx, ny, nz, count, parts, sky)
    distances(scene, x, y, z, count, parts, out)
    for j in range(count):
        ray = at[j]
        for c in range(3):
            view[c], normal[c], colour[c] = rays[c, ray], norm[c, j], F(0.0)
        part = nearest(parts, j)
        shade(look, scene, part, x[j], y[j], z[j], normal, view, lit[j], sky[j], albedo, colour)
        if scene.glasses.radius > F(0.0):
            through_lens(scene.glasses, look.worn, look.light, ox, oy, oz, view, t[ray], colour)
        cover[which[ray]] = 1
        for c in range(3):
            flat[which[ray], c] = colour[c]


@kernel
def trace(scene, look, origin, forward, near, far, size, picture):
    """Draw the scene over `picture` (S, S, 3) float32, linear light, background in it; cover.

    origin (3,): the camera in the head's frame. forward (3, 3): rows are the directions, in the
    head's frame, of one unit of picture to the right, up, and of the ray through the middle.
    Returns uint8 (S, S): 1 where something was hit.
    """
    cover, flat = np.zeros(size * size, np.uint8), picture.reshape(size * size, 3)
    start, seen, wide = approach(scene, origin, forward, near, far, size)
    rays, t, which = np.empty((3, BATCH), F), np.empty(BATCH, F), np.empty(BATCH, np.int64)
    work, pixel = np.empty((ROWS + 9, BATCH), F), F(3.2) / F(size)
    n, blocks = ZERO, len(start)
    for block in range(blocks * blocks):
        row, column = block // blocks, block % blocks
        if seen[row, column]:
            for inside in range(BLOCK * BLOCK):
                r, c = row * BLOCK + inside // BLOCK, column * BLOCK + inside % BLOCK
                if r < size and c < size:
                    aim(forward, c + 0.5, r + 0.5, size, rays, n)
                    t[n], which[n] = start[row, column] - wide, r * size + c
                    n += 1
        if n > BATCH - BLOCK * BLOCK or (block == blocks * blocks - 1 and n > 0):
            fill(scene, look, origin, near, far, rays, t, n, pixel, which, flat, cover, work)
            n = ZERO
    return cover.reshape(size, size)
