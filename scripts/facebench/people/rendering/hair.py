"""Where hair and beard grow and how far they stand off the skin; scalar, inlined into loops."""

import numpy as np

from facebench.people.rendering.jit import inlined

F = np.float32


@inlined
def step(low, high, t):
    """0 below `low`, 1 above `high`, smooth between; low > high turns it round."""
    s = min(max((t - low) / (high - low), F(0.0)), F(1.0))
    return s * s * (F(3.0) - F(2.0) * s)


@inlined
def ripple(t):
    """A wave of period 1 made of parabolas, 0 to 1."""
    s = t - np.floor(t)
    return F(4.0) * s * (F(1.0) - s)


@inlined
def locks(x, y, z, size, stretch):
    """Tangled waves, -1 to 1, about `size` wide and `stretch` times longer along y."""
    u, v, w = x / size, y / (size * stretch), z / size
    first = ripple(u + F(1.7) * ripple(v + F(0.6) * w))
    second = ripple(w + F(0.4) + F(1.3) * ripple(F(0.9) * u - v))
    third = ripple(F(0.7) * u + F(0.5) * w + F(1.1) * ripple(F(0.6) * v + F(0.4) * u))
    return F(0.67) * (first + second + third) - F(1.0)


@inlined
def line(hair, x, y, z):
    """Height of the hairline on the skull's side of (x, y, z): brow, temple, ear, nape."""
    side = abs(x)
    front = hair.front + hair.recess * step(F(0.12), F(0.42), side)
    front -= hair.peak * step(F(0.2), F(0.0), side)
    swept = min(max(F(0.5) + hair.sweep * (x - hair.part), F(0.0)), F(1.0))
    front -= hair.fringe * swept * step(F(0.66), F(0.5), side)
    temple = front + (hair.side - front) * step(F(0.5), F(0.22), z)
    return temple + (hair.nape - temple) * step(F(-0.02), F(-0.25), z)


@inlined
def hair_cover(hair, lock, x, y, z):
    """How far inside the hairy region a point lies, in decimetres; negative outside."""
    fray = hair.ragged * (lock + F(0.7) * ripple(F(11.0) * x + F(17.0) * z) - F(0.35))
    inside = y - line(hair, x, y, z) + fray
    return min(inside, hair.crown - y + F(2.0) * fray)


@inlined
def hair_depth(hair, lock, x, y, z):
    """Thickness of the hair over the skin, negative where none grows."""
    cover = hair_cover(hair, lock, x, y, z)
    edge = min(max(cover / hair.fade, F(0.0)), F(1.0))
    high = step(F(0.35), F(0.95), y)
    depth = hair.sides + (hair.top - hair.sides) * high
    depth += hair.back * step(F(-0.1), F(-0.6), z)
    depth += hair.quiff * step(F(0.1), F(0.6), z) * step(F(0.45), F(0.9), y)
    parting = step(F(0.05), F(0.0), abs(x - hair.part)) * high
    depth -= min(F(0.03), F(0.4) * hair.top) * parting
    away = F(0.03) * (F(1.0) - edge) + F(0.25) * step(F(-0.03), F(-0.2), cover)
    return depth * edge * (F(2.0) - edge) - away


@inlined
def beard_cover(beard, x, y, z):
    """0 to 1: how much beard grows at a point of the face."""
    side = abs(x)
    fray = beard.ragged * locks(x, y, z, F(0.05), F(2.0))
    lips_mid = F(0.5) * (beard.lip_top + beard.lip_bottom)
    lips_half = F(0.5) * (beard.lip_top - beard.lip_bottom) + F(0.015)
    u, v = side / (beard.mouth_width * F(1.05)), (y - lips_mid) / lips_half
    off_lips = step(F(0.85), F(1.25), u * u + v * v)
    over = step(beard.nose_y + F(0.02), beard.nose_y - F(0.05), y + fray)
    over *= step(F(-0.02), F(0.03), y - lips_mid + F(0.12) * step(F(0.9), F(1.2), u))
    over *= step(F(1.35), F(1.1), u)
    cheek = beard.cheek + beard.slope * max(side - beard.mouth_width, F(0.0))
    under = step(F(0.05), F(-0.05), y + fray - cheek) * step(
        beard.bottom - F(0.06), beard.bottom + F(0.06), y
    )
    under *= step(beard.width + F(0.04), beard.width - F(0.06), side + fray)
    under *= step(F(-0.12), F(0.0), z)
    under *= F(1.0) - step(F(1.0), F(0.9), u) * step(lips_mid - F(0.03), lips_mid, y)
    return off_lips * max(over * beard.moustache, under * beard.chin)


@inlined
def beard_depth(beard, x, y, z):
    """Thickness of the beard over the skin, fullest at the chin; negative where none grows."""
    full = beard_cover(beard, x, y, z)
    depth = beard.thickness * (F(1.0) + F(0.2) * locks(x, y, z, F(0.06), F(3.0)))
    depth *= F(0.35) + F(0.65) * step(beard.mouth_y + F(0.35), beard.bottom + F(0.1), y)
    return depth * full - F(0.03) * (F(1.0) - full)
