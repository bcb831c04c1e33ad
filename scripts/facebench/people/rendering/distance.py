"""Distances from many points to every part of a head, as loops the compiler turns into vectors."""

import numpy as np

from facebench.people.rendering.hair import beard_depth, hair_depth, locks
from facebench.people.rendering.jit import kernel
from facebench.people.rendering.scene import BEARD, EYE, GLASSES, HAIR, HAT, LOCKS, PARTS, SKIN

F = np.float32
ZERO = np.int64(0)
FAR = F(100.0)


@kernel
def smooth_min(a, b, width):
    """The smaller of a and b, rounded off where they differ by less than `width`."""
    h = max(width - abs(a - b), F(0.0))
    return min(a, b) - h * h * (F(0.25) / width)


@kernel
def blend(shapes, kinds, start, stop, x, y, z, n, parts):
    """Melt ellipsoids start..stop into (or cut them out of) their rows of `parts`."""
    for s in range(start, stop):
        cx, cy, cz = shapes[s, 0], shapes[s, 1], shapes[s, 2]
        a, b, c = shapes[s, 3], shapes[s, 4], shapes[s, 5]
        d, e, f = shapes[s, 6], shapes[s, 7], shapes[s, 8]
        g, h, k = shapes[s, 9], shapes[s, 10], shapes[s, 11]
        width, bend_y, bend_z, wide = shapes[s, 12], shapes[s, 13], shapes[s, 14], shapes[s, 15]
        sign = F(-1.0) if kinds[s, 1] else F(1.0)
        both = F(1.0) if kinds[s, 2] else F(0.0)
        row = parts[kinds[s, 0]]
        for i in range(n):
            px = x[i] + both * (abs(x[i]) - x[i])
            u, v, w = px - cx, y[i] - cy - bend_y * px * px, z[i] - cz - bend_z * px * px
            p, q, r = a * u + b * v + c * w, d * u + e * v + f * w, g * u + h * v + k * w
            du, dv, dw = a * p + d * q + g * r, b * p + e * q + h * r, c * p + f * q + k * r
            steep = np.sqrt(du * du + dv * dv + dw * dw + F(1e-8))
            far = F(0.5) * (p * p + q * q + r * r - F(1.0)) / steep
            far = max(far, wide * (abs(p) - F(1.0)))  # flat shapes end where they end
            row[i] = sign * smooth_min(sign * row[i], far, width)


@kernel
def eyelids(eyes, x, y, z, n, ball, skin):
    """Eyeballs into `ball`; around each a thicker shell of skin, slit between two planes."""
    for i in range(n):
        u, v, w = abs(x[i]) - eyes.x, y[i] - eyes.y, z[i] - eyes.z
        u, v = u * eyes.tilt_cos + v * eyes.tilt_sin, v * eyes.tilt_cos - u * eyes.tilt_sin
        far = np.sqrt(u * u + v * v + w * w + F(1e-8))
        ball[i] = far - eyes.radius
        above = v * eyes.upper_cos - w * eyes.upper_sin
        below = w * eyes.lower_sin - v * eyes.lower_cos
        lid = max(far - eyes.lid, -max(above, below))
        skin[i] = smooth_min(skin[i], lid, F(0.025))


@kernel
def spectacles(glasses, x, y, z, n, out):
    """Rims: a rounded rectangle's outline as a wire; a bridge; arms back to the ears."""
    outer = glasses.x + glasses.half_width
    hinge = glasses.z - F(0.18) * outer * outer
    for i in range(n):
        side = abs(x[i])
        depth = z[i] - glasses.z + F(0.18) * side * side
        u, v = side - glasses.x, y[i] - glasses.y
        across = abs(u) - glasses.half_width + glasses.corner
        along = abs(v) - glasses.half_height + glasses.corner
        qu, qv = max(across, F(0.0)), max(along, F(0.0))
        edge = np.sqrt(qu * qu + qv * qv) + min(max(across, along), F(0.0)) - glasses.corner
        rim = np.sqrt(edge * edge + depth * depth)
        inner = max(side - (glasses.x - glasses.half_width), F(0.0))
        lift = v - F(0.3) * glasses.half_height
        bridge = np.sqrt(inner * inner + lift * lift + depth * depth)
        past = max(max(z[i] - hinge, glasses.arm_back - z[i]), F(0.0))
        level = v - F(0.4) * glasses.half_height
        back = min(max((hinge - z[i]) / (hinge - glasses.arm_back), F(0.0)), F(1.0))
        apart = side - outer - (glasses.arm_x - outer) * back * (F(2.0) - back)
        arm = np.sqrt(apart * apart + level * level + past * past)
        out[i] = min(min(rim, bridge), arm) - glasses.radius


@kernel
def distances(scene, x, y, z, n, parts, out):
    """Fill `parts` (9, n) with the distance to each part and `out` (n,) with the smallest.

    x, y, z: float32 (>= n,) in the head's frame. Distances are bounds to walk by, exact only
    near a surface.
    """
    for part in range(PARTS):
        for i in range(n):
            parts[part, i] = FAR
    blend(scene.shapes, scene.kinds, ZERO, scene.bare, x, y, z, n, parts)
    skin, hair, hat, tangle = parts[SKIN], parts[HAIR], parts[HAT], parts[LOCKS]
    bald, hatless = scene.hair.bald > F(0.5), scene.hat.thick <= F(0.0)
    for i in range(n):
        if not bald:
            tangle[i] = locks(x[i], y[i], z[i], scene.hair.curl_size, scene.hair.stretch)
            hair[i] = skin[i] - hair_depth(scene.hair, tangle[i], x[i], y[i], z[i])
        if not hatless:
            crown = skin[i] - scene.hat.thick - scene.hat.crown * max(y[i] - F(0.6), F(0.0))
            hat[i] = max(crown, scene.hat.height + scene.hat.slope * z[i] - y[i])
    blend(scene.shapes, scene.kinds, scene.bare, len(scene.shapes), x, y, z, n, parts)
    eyelids(scene.eyes, x, y, z, n, parts[EYE], skin)
    if scene.beard.thickness > F(0.0):
        beard = parts[BEARD]
        for i in range(n):
            beard[i] = min(beard[i], skin[i] - beard_depth(scene.beard, x[i], y[i], z[i]))
    if scene.glasses.radius > F(0.0):
        spectacles(scene.glasses, x, y, z, n, parts[GLASSES])
    if not bald:
        for i in range(n):
            hair[i] -= scene.hair.curl * tangle[i]
    if not hatless:
        for i in range(n):
            brow = scene.hat.height + scene.hat.slope * z[i] - y[i]
            hair[i] = max(hair[i], -brow - F(0.02))
    for i in range(n):
        out[i] = parts[0, i]
    for part in range(1, PARTS):
        for i in range(n):
            out[i] = min(out[i], parts[part, i])
