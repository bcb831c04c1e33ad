"""The colour of skin at a point: tone, blush, freckles, moles, wrinkles, lips, brows, stubble."""

import math

import numpy as np

from facebench.people.rendering.hair import beard_cover, hair_cover, locks, step
from facebench.people.rendering.jit import kernel
from facebench.people.rendering.noise import bump, cloud, spots, strand
from facebench.people.rendering.paint import over, scale

F = np.float32


@kernel
def lip_cover(lips, x, y):
    """0 to 1: on a lip, seen from the front."""
    u = abs(x) / lips.width
    if u >= 1.0:
        return 0.0
    v = y - lips.y - lips.bend * x * x
    taper = math.sqrt(1.0 - u * u)
    top = lips.upper * taper * (1.0 - 0.22 * bump(u, 0.16)) + 0.45 * lips.gap * taper
    low = lips.lower * taper + 0.75 * lips.gap * taper
    return step(-0.012, 0.008, top - v) * step(-0.012, 0.012, low + v)


@kernel
def brow_cover(brow, x, y, seed):
    """0 to 1: hairs of an eyebrow at a point of the front view."""
    u = (abs(x) - brow.inner) / brow.length
    if u < -0.15 or u > 1.1:
        return 0.0
    middle = brow.y + brow.tilt * (u - 0.5) * brow.length
    middle += brow.arch * (1.0 - 4.0 * (u - 0.62) * (u - 0.62))
    half = brow.thick * (1.0 - 0.75 * step(0.45, 1.05, u)) * step(-0.15, 0.15, u)
    v = (y - middle) / max(half, 0.004)
    hairs = strand(45.0 * u - 2.2 * v + (7.0 if x > 0 else 0.0), seed)
    return brow.density * step(1.45, 0.6, abs(v) + 0.5 * hairs) * (0.7 + 0.3 * hairs)


@kernel
def wrinkle(skin, lips, x, y, nose_y, eye_x, eye_y, outer):
    """0 to 1: depth of the age lines at a point of the front view."""
    side = abs(x)
    wave = 0.012 * math.sin(9.0 * x + skin.seed)
    forehead = 0.0
    for row in range(3):
        at = 0.38 + 0.11 * row + 0.03 * math.sin(1.7 * row + skin.seed)
        forehead += bump(y - at + wave - 0.1 * x * x, 0.012) * step(0.5, 0.3, side)
    t = (nose_y - y) / (nose_y - lips.y + 0.12)
    fold = 0.15 + (lips.width - 0.115) * max(t, 0.0)
    smile = 0.8 * bump(side - fold, 0.026) * step(-0.1, 0.15, t) * step(1.05, 0.6, t)
    u, v = side - eye_x - outer, y - eye_y
    ray = bump(math.sin(7.0 * math.atan2(v, u + 0.03)), 0.45)
    feet = ray * step(0.0, 0.05, u) * step(0.2, 0.1, u) * step(0.13, 0.07, abs(v))
    bags = bump(v + 0.115 - 0.25 * (side - eye_x) ** 2 * 4.0, 0.014) * bump(side - eye_x, 0.12)
    frown = bump(side - 0.06, 0.012) * step(0.12, 0.18, y) * step(0.34, 0.26, y)
    return min(1.0, 0.7 * forehead + smile + 0.6 * feet + 0.8 * bags + 0.5 * frown)


@kernel
def paint_skin(look, scene, x, y, z, colour):
    """Fill `colour` (3,) with the albedo of skin at (x, y, z); return how wet and shiny it is."""
    skin, eyes, front = look.skin, scene.eyes, z > 0.2
    nose_y, nose_z = look.lips.nose_y, look.lips.nose_z
    patch = cloud(6.0 * x, 6.0 * y, 6.0 * z, skin.seed)
    pores = cloud(38.0 * x, 38.0 * y, 38.0 * z, skin.seed + 9)
    for c in range(3):
        colour[c] = skin.tone[c] * (1.0 + skin.mottled * (0.5 * patch + 0.6 * pores - 0.55))
    shiny = skin.oil
    side = abs(x)
    blush = bump(side - 0.36, 0.2) * bump(y + 0.36, 0.2) * 0.8 + bump(x, 0.12) * bump(
        y - nose_y, 0.12
    ) * step(nose_z - 0.25, nose_z, z)
    blush = (blush + 0.8 * step(0.66, 0.78, side)) * skin.red * (0.5 + patch)
    colour[0] *= 1.0 + 0.12 * blush
    colour[1] *= 1.0 - 0.25 * blush
    colour[2] *= 1.0 - 0.22 * blush
    if skin.freckles > 0.0:
        where = 0.25 + bump(y + 0.22, 0.3) * step(0.75, 0.2, side)
        spot = spots(17.0 * x, 17.0 * y, 9.0 * z, 0.62 * skin.freckles * where, skin.seed + 31)
        spot += spots(29.0 * x, 29.0 * y, 13.0 * z, 0.5 * skin.freckles * where, skin.seed + 57)
        over(colour, skin.shadow, min(0.75 * spot, 0.8))
    if front:
        for m in range(len(skin.moles)):
            dx, dy = x - skin.moles[m, 0], y - skin.moles[m, 1]
            near = skin.moles[m, 2] - math.sqrt(dx * dx + dy * dy)
            scale(colour, 1.0 - skin.moles[m, 3] * step(-0.008, 0.006, near))
        u, v = side - eyes.x, y - eyes.y
        ring = bump(u, 0.17) * (skin.tired * bump(v + 0.09, 0.07) + 0.25 * bump(v - 0.02, 0.1))
        over(colour, skin.shadow, 0.5 * ring)
        lid = bump(u, 0.14) * bump(v - 0.075, 0.05) * skin.eyeshadow
        scale(colour, 1.0 - 0.6 * lid)
        if skin.wrinkles > 0.06:
            outer = 0.9 * eyes.radius
            line = wrinkle(skin, look.lips, x, y, nose_y, eyes.x, eyes.y, outer)
            over(colour, skin.shadow, 0.65 * skin.wrinkles * line)
        lip = lip_cover(look.lips, x, y) * step(0.45, 0.6, z)
        over(colour, skin.lips, 0.85 * lip)
        shiny += 0.25 * lip
        over(colour, look.strands.brow, brow_cover(look.brow, x, y, look.strands.seed))
        lash(eyes, x, y, z, colour, skin.eyeshadow)
    stubble(look, scene, x, y, z, colour)
    return shiny


@kernel
def lash(eyes, x, y, z, colour, made_up):
    """Darken the lids' rims in place: lashes above, a thin line below."""
    u, v, w = abs(x) - eyes.x, y - eyes.y, z - eyes.z
    u, v = u * eyes.tilt_cos + v * eyes.tilt_sin, v * eyes.tilt_cos - u * eyes.tilt_sin
    if w < 0.0 or u * u + v * v + w * w > (eyes.lid + 0.03) ** 2:
        return
    above = v * eyes.upper_cos - w * eyes.upper_sin
    below = w * eyes.lower_sin - v * eyes.lower_cos
    dark = (0.75 + 0.2 * made_up) * step(0.026 + 0.01 * made_up, 0.008, abs(above))
    if below > -0.03:
        dark = max(dark, (0.4 + 0.3 * made_up) * step(0.016, 0.004, abs(below)))
    scale(colour, 1.0 - dark)


@kernel
def stubble(look, scene, x, y, z, colour):
    """Paint shaven beard and the roots at the hairline over `colour`, in place."""
    strands, px, py, pz = look.strands, F(x), F(y), F(z)
    cover, inside = 0.0, -1.0
    if scene.beard.amount > 0.0:
        cover = scene.beard.amount * beard_cover(scene.beard, px, py, pz)
    if scene.hair.bald < 0.5:
        hair = scene.hair
        inside = hair_cover(hair, locks(px, py, pz, hair.curl_size, hair.stretch), px, py, pz)
    if cover > 0.01 or inside > -0.1:
        grain = cloud(60.0 * x, 42.0 * y, 60.0 * z, strands.seed)
        over(colour, strands.beard, cover * min(1.0, 0.35 + grain))
        roots = step(-0.05, 0.06, inside + 0.08 * (grain - 0.5))
        over(colour, strands.roots, 0.85 * roots)
