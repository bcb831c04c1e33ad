"""What stands behind people: studios, rooms, walls, streets of light, landscapes, clutter."""

import numpy as np

from facebench.people.seeds import chance

Canvas = np.ndarray


def soft_noise(rng: np.random.Generator, size: int, cells: int) -> Canvas:
    """Smooth noise (size, size) in [0, 1] with about `cells` features a side."""
    grid = rng.random((cells + 2, cells + 2))
    at = np.linspace(0, cells, size)
    low = at.astype(int)
    t = at - low
    t = t * t * (3 - 2 * t)
    rows = grid[low] * (1 - t)[:, None] + grid[low + 1] * t[:, None]
    return rows[:, low] * (1 - t) + rows[:, low + 1] * t


def colour(rng: np.random.Generator, dim: float = 1.0) -> np.ndarray:
    """A colour (3,), linear, of any hue, mostly muted."""
    grey, hue = rng.uniform(0.03, 0.75) ** 1.3, rng.uniform(0, 1, 3)
    return dim * grey * (1 + rng.uniform(0, 0.8) * (hue - hue.mean()) * 2).clip(0.05, 2)


def blend(a: np.ndarray, b: np.ndarray, share: Canvas) -> Canvas:
    """Colour a to colour b by share (size, size): (size, size, 3)."""
    return a + (b - a) * share[..., None]


def discs(rng: np.random.Generator, canvas: Canvas, x: Canvas, y: Canvas, count: int) -> Canvas:
    """Add soft discs of light, lamps out of focus."""
    for _ in range(count):
        u, v, r = *rng.uniform(-1, 1, 2), rng.uniform(0.06, 0.25)
        inside = np.clip((r - np.hypot(x - u, y - v)) / 0.03, 0, 1)
        canvas = canvas + inside[..., None] * colour(rng) * rng.uniform(0.4, 1.4)
    return canvas


def boxes(rng: np.random.Generator, canvas: Canvas, x: Canvas, y: Canvas, count: int) -> Canvas:
    """Cover the canvas with `count` soft-edged rectangles: shelves, windows, doors, books."""
    for _ in range(count):
        u, v = rng.uniform(-1, 1, 2)
        w, h = rng.uniform(0.08, 0.5, 2)
        inside = np.clip(np.minimum(w - abs(x - u), h - abs(y - v)) / 0.04, 0, 1)
        canvas = canvas + inside[..., None] * (colour(rng) - canvas)
    return canvas


def wall(rng: np.random.Generator, kind: str, x: Canvas, y: Canvas) -> Canvas:
    """Stripes at some angle, or bricks."""
    period = rng.uniform(0.12, 0.5)
    if kind == "stripes":
        angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
        across = (x * np.cos(angle) + y * np.sin(angle)) / period + 100
        return blend(colour(rng), colour(rng), np.clip((abs(across % 2 - 1) - 0.45) * 8, 0, 1))
    row = np.floor(y / period)
    u, v = (x / period / 2.2 + 0.5 * row) % 1, (y / period) % 1
    joint = np.maximum(np.clip((0.05 - u) * 40, 0, 1), np.clip((0.1 - v) * 20, 0, 1))
    return blend(colour(rng), colour(rng), joint)


def draw_background(number: int, kind: str, size: int) -> Canvas:
    """Return a background: float32 linear light in [0, 2], (size, size, 3).

    The same number, kind and size give the same background.
    """
    rng = chance(number)
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, axis)
    slope = np.clip(0.5 + rng.uniform(-0.6, 0.6) * x + rng.uniform(-0.6, 0.6) * y, 0, 1)
    if kind == "studio":
        canvas = blend(colour(rng), colour(rng), slope)
    elif kind in ("stripes", "bricks"):
        canvas = wall(rng, kind, x, y)
    elif kind == "landscape":
        horizon = rng.uniform(-0.3, 0.6) + 0.25 * (soft_noise(rng, size, 4) - 0.5)
        canvas = blend(
            np.array([0.45, 0.6, 0.85]) * rng.uniform(0.5, 1.2),
            np.array([0.12, 0.2, 0.06]) * rng.uniform(0.5, 2.0),
            np.clip((y - horizon) * 12, 0, 1) * (0.6 + 0.4 * soft_noise(rng, size, 16)),
        )
    elif kind == "room":
        canvas = boxes(rng, blend(colour(rng), colour(rng), slope), x, y, 4)
    elif kind == "clutter":
        canvas = boxes(rng, blend(colour(rng), colour(rng), slope), x, y, 14)
    elif kind == "bokeh":
        canvas = discs(rng, blend(colour(rng, 0.4), colour(rng, 0.4), slope), x, y, 14)
    else:
        canvas = blend(colour(rng), colour(rng), soft_noise(rng, size, 3))
        canvas = canvas * (0.4 + 1.2 * soft_noise(rng, size, 6))[..., None]
    canvas = canvas * (0.8 + 0.4 * soft_noise(rng, size, int(rng.integers(2, 12))))[..., None]
    return np.ascontiguousarray(canvas.clip(0, 2), np.float32)
