"""Pictures of one person: everything that changes from view to view."""

from dataclasses import dataclass

import numpy as np

from facebench.people.seeds import bounded, chance, weighted
from facebench.people.who.identity import Identity

# Smile, gap of the mouth, raised brows, open lids; all around 0 to 1.
EXPRESSIONS = {
    "neutral": (4.0, (0.0, 0.0, 0.0, 1.0)),
    "smile": (3.0, (0.7, 0.0, 0.1, 0.95)),
    "laugh": (1.5, (0.95, 0.45, 0.2, 0.8)),
    "speaking": (1.2, (0.1, 0.4, 0.2, 1.0)),
    "surprised": (0.5, (-0.05, 0.6, 0.9, 1.2)),
    "frown": (0.8, (-0.45, 0.0, -0.5, 0.9)),
}
BACKGROUNDS = ("studio", "blobs", "bokeh", "stripes", "bricks", "room", "landscape", "clutter")
HATS = {"none": 10.0, "cap": 0.35, "beanie": 0.35, "sun hat": 0.3}


@dataclass(frozen=True)
class View:
    """One picture's circumstances. Angles in radians, offsets in picture widths, colours linear."""

    number: int
    yaw: float
    pitch: float
    roll: float
    zoom: float
    offset_x: float
    offset_y: float
    distance: float
    lamp: np.ndarray
    key: np.ndarray
    sky: np.ndarray
    ground: np.ndarray
    expression: str
    smile: float
    gap: float
    brows: float
    lids: float
    gaze_x: float
    gaze_y: float
    glasses: str
    hat: str
    background: str
    backdrop: int
    clothes: int
    blur: float
    noise: float
    exposure: float
    contrast: float
    quality: int


def tinted(rng: np.random.Generator, spread: float) -> np.ndarray:
    """A light's colour (3,) around white, warmer or colder and a little green or pink."""
    warm, green = rng.normal(0, spread), rng.normal(0, 0.3 * spread)
    return np.clip(1 + np.array([warm, green, -1.4 * warm]), 0.3, 1.8)


def draw_view(person: Identity, number: int) -> View:
    """View `number` of a person; no other view need be drawn first."""
    rng = chance(person.seed, person.index, 1, number)
    expression = weighted(rng, {k: w for k, (w, _) in EXPRESSIONS.items()})
    smile, gap, brows, lids = EXPRESSIONS[expression][1]
    strength = rng.uniform(0.6, 1.0)
    azimuth, height = rng.uniform(-1.4, 1.4), rng.uniform(-0.15, 1.0)
    lamp = np.array(
        [np.sin(azimuth) * np.cos(height), np.sin(height), np.cos(azimuth) * np.cos(height)]
    )
    ambient = rng.uniform(0.14, 0.72)
    key, sky = tinted(rng, 0.11), tinted(rng, 0.11)
    hat = weighted(rng, HATS)
    glasses = "none"
    if rng.random() < person.glasses:
        glasses = "glasses"
    elif rng.random() < 0.03:
        glasses = "sunglasses"
    return View(
        number=number, yaw=float(rng.uniform(-0.38, 0.38)), pitch=float(rng.uniform(-0.18, 0.18)),
        roll=bounded(rng, 0.0, 0.06), zoom=float(rng.uniform(0.92, 1.12)),
        offset_x=bounded(rng, 0.0, 0.025), offset_y=bounded(rng, 0.0, 0.025),
        distance=float(rng.uniform(7.0, 12.0)), lamp=lamp,
        key=key * rng.uniform(0.75, 1.25) * (1.15 - 0.7 * ambient),
        sky=sky * ambient, ground=sky * ambient * rng.uniform(0.35, 0.8),
        expression=expression, smile=smile * strength * person.smiles + person.rest,
        gap=gap * strength, brows=brows * strength,
        lids=1 + (lids - 1) * strength + bounded(rng, 0, 0.05),
        gaze_x=bounded(rng, 0.0, 0.12), gaze_y=bounded(rng, 0.0, 0.06), glasses=glasses, hat=hat,
        background=str(rng.choice(BACKGROUNDS)), backdrop=int(rng.integers(2**31)),
        clothes=int(rng.integers(2**31)), blur=float(rng.uniform(0.0, 0.8) ** 1.5),
        noise=float(rng.uniform(0.002, 0.013)), exposure=float(np.exp(bounded(rng, 0, 0.24))),
        contrast=float(rng.uniform(0.85, 1.15)), quality=int(rng.integers(62, 96)),
    )  # fmt: skip
