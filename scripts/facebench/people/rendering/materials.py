"""The colours of everything that is not skin: hair, eyes, mouth, clothes, hats."""

import math

import numpy as np

from facebench.people.rendering.hair import locks, step
from facebench.people.rendering.jit import kernel
from facebench.people.rendering.noise import bump, cloud, mix, strand
from facebench.people.rendering.paint import over, put, scale

F = np.float32


@kernel
def paint_hair(strands, hair, root, x, y, z, normal, tangent, colour):
    """Albedo of hair into `colour` and the strands' direction into `tangent` (3,); shine shift.

    On top strands run from the parting sideways, or backwards; further down they hang.
    """
    top = step(0.35, 0.85, y)
    side = 1.0 if x > hair.part else -1.0
    tangent[0] = 0.9 * top * side * (1.0 - strands.backwards) + 0.15 * x
    tangent[1] = -1.0 + 0.9 * top
    tangent[2] = -strands.backwards * top + 0.1 * z * (1.0 - top)
    along = tangent[0] * normal[0] + tangent[1] * normal[1] + tangent[2] * normal[2]
    for c in range(3):
        tangent[c] -= along * normal[c]
    scale(tangent, 1.0 / math.sqrt(tangent[0] ** 2 + tangent[1] ** 2 + tangent[2] ** 2 + 1e-6))
    around = 0.7 * math.atan2(x, z + 0.3)
    across = -side * z * (1.0 - strands.backwards) + x * strands.backwards
    s = around + top * (across - around)
    wave = 0.05 * cloud(3.0 * x, 4.0 * y, 3.0 * z, strands.seed)
    wave += 0.10 * strands.curly * cloud(9.0 * x, 9.0 * y, 9.0 * z, strands.seed + 3)
    fine = strand((s + wave) * 70.0 * strands.fineness, strands.seed + 5)
    broad = strand((s + wave) * 24.0, strands.seed + 6)
    tangle = 0.5 + 0.5 * locks(F(x), F(y), F(z), hair.curl_size, hair.stretch)
    tone = 0.68 + 0.36 * fine * (1.0 - 0.5 * strands.curly) + 0.3 * broad
    tone *= 1.0 - strands.curly * (0.55 - 0.55 * tangle)
    white = step(0.3, -0.3, strand((s + wave) * 90.0, strands.seed + 8) - strands.grey)
    for c in range(3):
        colour[c] = root[c] * tone
        colour[c] += 0.85 * white * strands.grey * (0.42 * tone - colour[c])
    return fine - 0.5


@kernel
def paint_eye(eyes, gaze, x, y, z, colour):
    """Albedo of an eyeball: white with veins, iris with fibres and a dark rim, pupil."""
    right = 1 if x > 0 else 0
    u = (x - (eyes.x if right else -eyes.x)) / eyes.radius
    v, w = (y - eyes.y) / eyes.radius, (z - eyes.z) / eyes.radius
    for c in range(3):
        colour[c] = 0.74 - (0.03 * c)
    corner = step(0.35, 0.85, abs(u))
    colour[1] *= 1.0 - 0.22 * corner
    colour[2] *= 1.0 - 0.22 * corner
    du, dv = u - gaze.towards[right, 0], v - gaze.towards[right, 1]
    far = math.sqrt(du * du + dv * dv)
    if w < 0.0 or far > gaze.size * 1.15:
        return
    fibre = strand(3.0 + 5.0 * math.atan2(dv, du), 11 + right)
    inside = step(1.08, 0.94, far / gaze.size)
    rim = step(0.72, 1.0, far / gaze.size)
    pupil = step(0.46, 0.36, far / gaze.size)
    for c in range(3):
        iris = gaze.iris[c] * (0.75 + 0.6 * fibre) * (1.0 - 0.7 * rim)
        iris *= 1.0 - 0.97 * pupil
        colour[c] += inside * (iris - colour[c])


@kernel
def paint_mouth(lips, x, y, z, colour):
    """Albedo inside the mouth: upper teeth, a hint of the lower ones, dark red behind."""
    v = y - lips.y - lips.bend * x * x
    colour[0], colour[1], colour[2] = 0.16, 0.03, 0.03
    upper = step(-0.004, 0.006, v + min(0.10, 0.55 * lips.gap) - 0.35 * lips.gap)
    lower = step(0.006, -0.004, v + 0.62 * lips.gap) if lips.gap > 0.05 else 0.0
    tooth = 0.72 * max(upper, 0.6 * lower) * step(1.0, 0.7, abs(x) / lips.width)
    gaps = bump(abs(abs(x) % 0.055 - 0.0275) - 0.0275, 0.004)
    tooth *= 1.0 - 0.35 * gaps
    for c in range(3):
        colour[c] += tooth * (0.80 - 0.05 * c - colour[c])


@kernel
def paint_cloth(cloth, skin, x, y, z, colour):
    """Albedo of the shoulders: clothes below the collar, skin above it; 1 if cloth."""
    px, py, pz = x, y + 0.9, z + 0.2
    m = cloth.turned
    bx = m[0, 0] * px + m[0, 1] * py + m[0, 2] * pz
    by = m[1, 0] * px + m[1, 1] * py + m[1, 2] * pz - 0.9
    bz = m[2, 0] * px + m[2, 1] * py + m[2, 2] * pz - 0.2
    vee = cloth.opening * step(0.5, 0.0, abs(bx)) * step(0.0, 0.25, bz)
    edge = cloth.collar - 0.25 * step(0.1, 0.5, bz) - vee
    if by > edge:
        put(colour, skin.tone)
        return 0
    put(colour, cloth.first)
    u, v = bx / cloth.size, by / cloth.size
    if cloth.pattern == 1:
        over(colour, cloth.second, step(0.3, 0.4, abs(v % 2.0 - 1.0)))
    elif cloth.pattern == 2:
        both = 0.5 * step(0.3, 0.4, abs(v % 2.0 - 1.0)) + 0.5 * step(0.3, 0.4, abs(u % 2.0 - 1.0))
        over(colour, cloth.second, both)
    elif cloth.pattern == 3:
        over(colour, cloth.second, step(0.5, 0.6, cloud(2 * u, 2 * v, 0.0, cloth.seed)))
    elif cloth.pattern == 4 and abs(bx) < 0.12 * (0.5 - by):
        over(colour, cloth.second, 1.0)
    scale(colour, 0.8 + 0.4 * cloud(5.0 * bx, 2.0 * by, 5.0 * bz, cloth.seed))
    if by > edge - 0.06:
        scale(colour, 0.72)
    return 1


@kernel
def paint_hat(worn, hat, x, y, z, colour):
    """Albedo of a hat: ribs if knitted, else a band."""
    up = y - hat.height - hat.slope * z
    put(colour, worn.hat)
    if worn.knit > 0.5:
        rib = abs((9.0 * math.atan2(x, z)) % 1.0 - 0.5)
        scale(colour, 0.65 + 0.7 * rib + 0.2 * (mix(int(60 * up), 0, 0, 3) - 0.5))
        if up < 0.16:
            scale(colour, 0.8)
    elif 0.0 < up < worn.band:
        scale(colour, 0.35)
