"""Hair styles and beards: ranges for the numbers of `scene.Hair`, and volumes beyond the skull."""

import numpy as np

from facebench.people.rendering.ellipsoids import Shapes
from facebench.people.rendering.scene import HAIR, Beard, Hair, floats

Ranges = dict[str, float | tuple[float, float]]

USUAL: Ranges = {
    "bald": 0.0, "front": (0.64, 0.80), "recess": (0.00, 0.14), "peak": (-0.04, 0.07),
    "fringe": 0.0, "sweep": 0.0, "part": (-0.3, 0.3), "side": (-0.12, 0.0), "nape": -0.65,
    "crown": 9.0, "top": (0.10, 0.16), "sides": (0.045, 0.075), "back": (0.04, 0.1),
    "quiff": 0.0, "fade": (0.09, 0.14), "ragged": (0.02, 0.04), "curl": (0.005, 0.012),
    "curl_size": (0.07, 0.1), "stretch": (5.0, 9.0), "backwards": (0.0, 0.3), "curly": (0.0, 0.2),
}  # fmt: skip

CURLS: Ranges = {"curl_size": (0.10, 0.16), "stretch": (0.9, 1.3), "curly": (0.7, 1.0)}
WAVES: Ranges = {
    "curl": (0.012, 0.024),
    "curl_size": (0.2, 0.3),
    "stretch": (2.0, 3.0),
    "curly": 0.3,
}
SLEEK: Ranges = {"backwards": 1.0, "fade": (0.25, 0.4), "ragged": (0.01, 0.03)}
LONG: Ranges = {"sides": (0.07, 0.12), "top": (0.08, 0.15), "side": -0.45, "fade": 0.1}

STYLES: dict[str, Ranges] = {
    "shaved": {"bald": 1.0},
    "bald on top": {"crown": (0.3, 0.55), "side": (-0.1, 0.0), "sides": (0.03, 0.07)},
    "receding": {"front": (0.84, 0.93), "recess": (0.12, 0.26), "peak": (0.0, 0.12)},
    "buzz cut": {"top": (0.02, 0.035), "sides": (0.008, 0.02), "back": 0.01, "fade": 0.05,
                 "curl": 0.004, "curl_size": 0.03, "stretch": 1.0},
    "short": {},
    "side parting": {"part": (0.2, 0.36), "sweep": (-2.5, -1.2), "fringe": (0.06, 0.22),
                     "top": (0.14, 0.2)},
    "fringe": {"fringe": (0.35, 0.62), "sweep": (-0.6, 0.6), "ragged": (0.05, 0.08)},
    "quiff": {**SLEEK, "quiff": (0.12, 0.24), "sides": (0.02, 0.05)},
    "combed back": {**SLEEK, "top": (0.06, 0.1), "front": (0.72, 0.86)},
    "short curls": {**CURLS, "curl": (0.035, 0.055), "top": (0.16, 0.26), "sides": (0.08, 0.13),
                    "back": 0.1},
    "afro": {**CURLS, "curl": (0.03, 0.05), "top": (0.12, 0.2), "sides": (0.08, 0.12),
             "back": 0.1, "fade": 0.15},
    "pixie": {"fringe": (0.3, 0.5), "sweep": (1.2, 2.5), "top": (0.15, 0.22), "side": -0.2},
    "bob": {**LONG},
    "bob with fringe": {**LONG, "fringe": (0.75, 0.98), "ragged": (0.02, 0.05)},
    "long straight": {**LONG},
    "long wavy": {**LONG, **WAVES},
    "long curls": {**LONG, **CURLS, "curl": (0.022, 0.036)},
    "ponytail": {**SLEEK, "top": (0.05, 0.08), "sides": (0.03, 0.05)},
    "bun": {**SLEEK, "top": (0.05, 0.08), "sides": (0.03, 0.05)},
    "pigtails": {"part": 0.0, "top": (0.06, 0.1), "sides": (0.04, 0.06)},
}  # fmt: skip

MASCULINE = {"shaved": 2, "bald on top": 3, "receding": 3, "buzz cut": 3, "short": 5,
             "side parting": 4, "fringe": 2, "quiff": 3, "combed back": 2, "short curls": 3,
             "afro": 1, "long straight": 1, "long wavy": 1, "bun": 0.5}  # fmt: skip
FEMININE = {"pixie": 2, "bob": 3, "bob with fringe": 3, "long straight": 4, "long wavy": 4,
            "long curls": 3, "ponytail": 3, "bun": 3, "pigtails": 1, "afro": 2, "short": 1,
            "buzz cut": 0.5, "short curls": 1, "side parting": 1}  # fmt: skip

# Weight, then (moustache, chin, width, cheek height over the mouth, slope, thickness).
BEARDS = {
    "clean-shaven": (8, (1, 1, 1.0, 0.10, 1.0, 0.0)),
    "stubble": (4, (1, 1, 1.0, 0.10, 1.1, 0.0)),
    "moustache": (2, (1, 0, 0.0, 0.0, 0.0, 0.035)),
    "goatee": (2, (1, 1, 0.27, 0.0, 0.0, 0.05)),
    "chin beard": (1, (0, 1, 0.22, -0.06, 0.0, 0.07)),
    "short beard": (3, (1, 1, 1.0, 0.08, 1.15, 0.045)),
    "full beard": (3, (1, 1, 1.0, 0.12, 1.0, 0.11)),
}


def pick(rng: np.random.Generator, value: float | tuple[float, float]) -> float:
    """A number as it is, or one drawn evenly from a range."""
    return float(rng.uniform(*value)) if isinstance(value, tuple) else float(value)


def draw_style(rng: np.random.Generator, style: str) -> dict[str, float]:
    """The numbers of one person's hair in a style, mirrored for half the people."""
    hair = {name: pick(rng, value) for name, value in {**USUAL, **STYLES[style]}.items()}
    side = rng.choice([-1.0, 1.0])
    hair["part"] *= side
    hair["sweep"] *= side
    hair["length"] = float(rng.uniform(0.0, 1.0))
    hair["volume"] = float(rng.uniform(0.8, 1.25))
    return hair


def hair_numbers(hair: dict[str, float]) -> Hair:
    """What the distance needs of a style."""
    return floats(Hair, **{name: hair[name] for name in Hair._fields})


def volumes(s: Shapes, style: str, hair: dict[str, float], width: float) -> None:
    """Hair beyond the skull: curtains, buns, tails; `width` is the skull's half-width."""
    long, full = hair["length"], hair["volume"]
    if style.startswith(("bob", "long")):
        end = (-0.8 - 0.25 * long) if style.startswith("bob") else (-1.5 - 0.7 * long)
        half = (0.55 - end) / 2
        out = width - 0.02 + (0.05 if "curls" in style else 0.0)
        s.add(HAIR, (out, 0.55 - half, -0.1), (0.17 * full, half, 0.34), 0.15, both=True)
        s.add(HAIR, (0, 0.4 - half, -0.5), (width * 1.02, half, 0.46), 0.2)
    elif style == "afro":
        s.add(HAIR, (0, 0.45, -0.25), (width + 0.1 + 0.3 * long, 0.85 + 0.25 * long, 0.95), 0.2)
    elif style == "ponytail":
        s.add(HAIR, (0, 0.55, -1.1), (0.22, 0.2, 0.25), 0.1)
        s.add(HAIR, (0.5 * hair["part"], -0.3, -1.2), (0.22 * full, 0.9, 0.22), 0.15)
    elif style == "bun":
        s.add(HAIR, (0, 0.9 + 0.28 * long, -0.75 + 0.5 * long), (0.27, 0.24, 0.27), 0.06)
    elif style == "pigtails":
        s.add(HAIR, (width + 0.16, -0.05, -0.3), (0.14, 0.14, 0.14), 0.06, both=True)
        half = 0.35 + 0.3 * long
        s.add(HAIR, (width + 0.2, -0.1 - half, -0.25), (0.15 * full, half, 0.15), 0.08, both=True)


def beard_numbers(
    kind: str, mouth: dict[str, float], bones: dict[str, float], nose: float
) -> Beard:
    """What distance and shading need of a beard around this mouth."""
    moustache, chin, width, cheek, slope, thick = BEARDS[kind][1]
    amount = {"clean-shaven": 0.0, "stubble": 0.5}.get(kind, 0.9)
    return floats(
        Beard, amount=amount, thickness=thick, cheek=mouth["y"] + cheek, slope=slope,
        width=max(width, 0.05), moustache=moustache, chin=chin, mouth_y=mouth["y"],
        mouth_width=mouth["width"], lip_top=mouth["y"] + bones["lip_upper"] + 0.45 * mouth["gap"],
        lip_bottom=mouth["y"] - bones["lip_lower"] - 0.75 * mouth["gap"], nose_y=nose - 0.1,
        bottom=-1.12 - bones["face_length"] - bones["chin_drop"] - 0.16 * mouth["gap"] / 0.2,
        ragged=0.03,
    )  # fmt: skip
