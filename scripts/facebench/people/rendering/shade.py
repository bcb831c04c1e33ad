"""From what a ray hit to the light it brings back."""

import math

import numpy as np

from facebench.people.rendering.jit import kernel
from facebench.people.rendering.materials import (
    paint_cloth,
    paint_eye,
    paint_hair,
    paint_hat,
    paint_mouth,
)
from facebench.people.rendering.paint import put, scale
from facebench.people.rendering.scene import (
    BEARD,
    BODY,
    EYE,
    GLASSES,
    HAIR,
    HAT,
    MOUTH,
    PARTS,
    SKIN,
)
from facebench.people.rendering.skin import paint_skin

F = np.float32


@kernel
def nearest(parts, i):
    """The part that point i lies on."""
    best = SKIN
    for part in range(1, PARTS):
        if parts[part, i] < parts[best, i]:
            best = part
    return best


@kernel
def dot(a, b):
    """Inner product of two vectors (3,)."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@kernel
def between(lamp, view):
    """The unit direction half-way between the lamp and the viewer, (3,) float32."""
    half = np.empty(3, F)
    for c in range(3):
        half[c] = lamp[c] - view[c]
    scale(half, 1.0 / math.sqrt(dot(half, half) + 1e-9))
    return half


@kernel
def around(light, normal):
    """How much of the light from all around comes from above: 0 to 1."""
    return 0.5 + 0.5 * dot(normal, light.up)


@kernel
def shade_hair(look, tangent, shift, normal, view, albedo, lit, open_, out):
    """Hair after Kajiya and Kay, two highlights shifted along the strands; adds into `out` (3,)."""
    light = look.light
    tl = dot(tangent, light.lamp)
    half = between(light.lamp, view)
    facing = max(dot(normal, light.lamp) * 0.75 + 0.25, 0.0)
    diffuse = math.sqrt(max(1.0 - tl * tl, 0.0)) * facing
    th = dot(tangent, half) + 0.25 * shift
    sheen = max(1.0 - (th - 0.08) ** 2, 0.0) ** 60 * 0.55 + max(1.0 - (th + 0.12) ** 2, 0.0) ** 18
    sheen *= look.strands.shine * max(dot(normal, light.lamp) + 0.2, 0.0)
    high = around(light, normal)
    for c in range(3):
        soft = light.ground[c] + high * (light.sky[c] - light.ground[c])
        gleam = sheen * (0.035 + 0.35 * albedo[c])
        out[c] += lit * light.key[c] * (0.9 * albedo[c] * diffuse + gleam)
        out[c] += albedo[c] * soft * open_


@kernel
def shade_matter(look, normal, view, albedo, shiny, gloss, soft, lit, open_, out):
    """A diffuse surface with a highlight; `soft` lets light bleed round the edge, red first."""
    light = look.light
    nl = dot(normal, light.lamp)
    half = between(light.lamp, view)
    nh, nv = max(dot(normal, half), 0.0), max(-dot(normal, view), 0.0)
    edge = 0.04 + 0.5 * (1.0 - nv) ** 5
    high = around(light, normal)
    gleam = shiny * edge * 4.0 * nh**gloss * max(nl, 0.0) * lit
    for c in range(3):
        wrap = soft * (0.34 - 0.12 * c)
        diffuse = max((nl + wrap) / (1.0 + wrap), 0.0)
        shadow = lit + soft * (0.12 - 0.05 * c) * (1.0 - lit)
        if nl <= 0.0:
            shadow = 1.0 * diffuse / (diffuse + 0.05)
        ambient = light.ground[c] + high * (light.sky[c] - light.ground[c])
        closed = open_ + soft * (0.10 - 0.04 * c) * (1.0 - open_)
        out[c] += albedo[c] * (light.key[c] * diffuse * shadow + ambient * closed)
        out[c] += gleam * light.key[c] + 0.25 * edge * shiny * ambient * open_


@kernel
def shade(look, scene, part, x, y, z, normal, view, lit, open_, albedo, out):
    """Add the light leaving (x, y, z) against `view` (unit, (3,)) to `out` (3,)."""
    soft, shiny, gloss = 0.0, 0.3, 20.0
    if part == SKIN:
        shiny = paint_skin(look, scene, x, y, z, albedo)
        soft = 1.0
    elif part == EYE:
        paint_eye(scene.eyes, look.gaze, x, y, z, albedo)
        shiny, gloss, soft, open_ = 3.0, 220.0, 0.5, 0.3 + 0.7 * open_
        lit = 0.25 + 0.75 * lit
    elif part == MOUTH:
        paint_mouth(look.lips, x, y, z, albedo)
        open_ = 0.25 + 0.75 * open_
        lit = 0.3 + 0.7 * lit
        shiny = 1.0
    elif part in (HAIR, BEARD):
        tangent = np.empty(3, F)
        root = look.strands.colour if part == HAIR else look.strands.beard
        shift = paint_hair(look.strands, scene.hair, root, x, y, z, normal, tangent, albedo)
        shade_hair(look, tangent, shift, normal, view, albedo, lit, open_, out)
        return
    elif part == BODY:
        cloth = paint_cloth(look.cloth, look.skin, x, y, z, albedo)
        soft, shiny = (0.0, 0.08) if cloth else (1.0, look.skin.oil)
    elif part == GLASSES:
        put(albedo, look.worn.frame)
        shiny, gloss = 2.5, 60.0
    elif part == HAT:
        paint_hat(look.worn, scene.hat, x, y, z, albedo)
        shiny = 0.08
    shade_matter(look, normal, view, albedo, shiny, gloss, soft, lit, open_, out)


@kernel
def through_lens(glasses, worn, light, ox, oy, oz, view, t, out):
    """Tint and glare of a spectacle lens in front of what was hit at distance t; in place."""
    near = (glasses.z - oz) / view[2]
    for _ in range(2):
        bent = 0.18 * (ox + near * view[0]) ** 2
        near = (glasses.z - bent - oz) / view[2]
    x, y = abs(ox + near * view[0]) - glasses.x, oy + near * view[1] - glasses.y
    u, v = abs(x) / glasses.half_width, abs(y) / glasses.half_height
    if near >= t or u**4 + v**4 > 1.0:
        return
    streak = max(0.0, 1.0 - abs(0.9 * x / glasses.half_width + y / glasses.half_height - 0.3) * 3)
    for c in range(3):
        out[c] = out[c] * (1.0 - worn.tint)
        out[c] += worn.glare * (0.06 + 0.5 * streak) * (light.sky[c] + 0.25 * light.key[c])
