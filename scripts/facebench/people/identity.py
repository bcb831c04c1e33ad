"""People: everything about a face that stays from one picture to the next."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .bones import draw_bones
from .chance import bounded, chance
from .names import name_of
from .styles import BEARDS, FEMININE, MASCULINE, draw_style

SKIN_TONES = np.array(
    [[0.74, 0.51, 0.42], [0.62, 0.385, 0.28], [0.42, 0.235, 0.15], [0.22, 0.112, 0.068],
     [0.085, 0.045, 0.032]]
)  # fmt: skip
SKIN_BANDS = ("very light", "light", "medium", "brown", "dark")
HAIR_COLOURS = {
    "black": (0.012, 0.010, 0.010), "dark brown": (0.035, 0.020, 0.013),
    "brown": (0.080, 0.042, 0.024), "light brown": (0.17, 0.10, 0.056),
    "blond": (0.42, 0.28, 0.14), "red": (0.24, 0.070, 0.024),
}  # fmt: skip
IRISES = {
    "dark brown": (0.025, 0.012, 0.007), "brown": (0.09, 0.042, 0.016),
    "hazel": (0.16, 0.11, 0.04), "green": (0.12, 0.19, 0.09), "blue": (0.12, 0.24, 0.42),
    "grey": (0.22, 0.26, 0.30),
}  # fmt: skip
AGE_BANDS = ((30, "young adult"), (45, "adult"), (60, "middle-aged"), (200, "older"))


@dataclass(frozen=True)
class Identity:
    """One invented person. Colours are linear RGB (3,), shares run from 0 to 1, age in years."""

    seed: int
    index: int
    name: str
    script: str
    sex: str
    age: int
    age_band: str
    bones: dict[str, float]
    skin: np.ndarray
    skin_tone: str
    lips: np.ndarray
    red: float
    freckles: float
    wrinkles: float
    tired: float
    oil: float
    moles: np.ndarray
    eyeshadow: float
    iris: np.ndarray
    eye_colour: str
    hair_colour: str
    hair_style: str
    hair: dict[str, float]
    hair_rgb: np.ndarray
    brow_rgb: np.ndarray
    beard_rgb: np.ndarray
    grey: float
    beard: str
    brow_density: float
    glasses: float
    frame: dict[str, float]
    smiles: float


def weighted(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    """One key, in proportion to its weight."""
    shares = np.array(list(weights.values()), float)
    return str(rng.choice(list(weights), p=shares / shares.sum()))


def draw_skin(rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """How dark (0 to 1) and which colour; every band is as likely as another."""
    dark = float(rng.uniform(0.0, 1.0))
    at = np.arange(5) / 4
    tone = np.array([np.interp(dark, at, SKIN_TONES[:, c]) for c in range(3)])
    return dark, tone * (1 + rng.normal(0, [0.03, 0.04, 0.07]).clip(-0.15, 0.15))


def draw_moles(rng: np.random.Generator) -> np.ndarray:
    """Moles (M, 4) float32 on the front of the face: x, y, radius, darkness."""
    count = min(int(rng.poisson(1.2)), 5)
    across = rng.uniform(-0.55, 0.55, count)
    return np.stack(
        [across, rng.uniform(-0.95, 0.6, count), rng.uniform(0.010, 0.026, count),
         rng.uniform(0.4, 0.85, count)], axis=1,
    ).astype(np.float32)  # fmt: skip


def draw_identity(seed: int, index: int) -> Identity:
    """Person `index` of the population `seed`; no other person need be drawn first."""
    rng = chance(seed, index, 0)
    sex = str(rng.choice(["feminine", "masculine"]))
    masculine = float(np.clip(rng.normal(0.85 if sex == "masculine" else 0.15, 0.15), 0, 1))
    age = int(rng.integers(18, 85))
    bones = draw_bones(rng, masculine)
    old = float(np.clip((age - 35) / 45, 0, 1))
    bones["lip_upper"] *= 1 - 0.25 * old
    bones["ear_size"] += 0.025 * old
    bones["lid_upper"] -= 0.06 * old
    dark, skin = draw_skin(rng)
    fair = max(0.0, 1 - 2.2 * dark)
    colours = {
        "black": 0.3 + 3 * dark, "dark brown": 1.0, "brown": 1.2 * (1 - dark),
        "light brown": 1.1 * fair, "blond": 1.3 * fair, "red": 0.8 * fair,
    }  # fmt: skip
    hair_colour = weighted(rng, colours)
    hair_rgb = np.array(HAIR_COLOURS[hair_colour]) * rng.uniform(0.75, 1.3)
    grey = float(np.clip(rng.normal((age - 48) / 28, 0.2), 0, 1))
    if hair_colour in ("black", "dark brown", "brown"):
        irises = {"dark brown": 1 + 3 * dark, "brown": 2.0, "hazel": fair, "green": 0.4 * fair}
    else:
        irises = {"blue": 2.0, "grey": 1.0, "green": 1.2, "hazel": 1.0, "brown": 0.7}
    eye_colour = weighted(rng, irises)
    styles = MASCULINE if (sex == "masculine") != (rng.random() < 0.05) else FEMININE
    style = weighted(rng, {k: w for k, w in styles.items() if age > 32 or k not in OLDER})
    beards = {kind: weight for kind, (weight, _) in BEARDS.items()}
    beard = weighted(rng, beards) if sex == "masculine" else "clean-shaven"
    made_up = float(rng.uniform(0, 1)) if sex == "feminine" else 0.0
    lips = skin * [0.92, 0.62, 0.62] + made_up * rng.uniform(0.4, 1) * np.array(
        [0.13, -0.03, -0.01]
    )
    freckles = float(max(0.0, rng.normal(0.15, 0.35)) * (0.35 + fair + (hair_colour == "red")))
    if grey > 0.6:
        hair_colour = "white" if grey > 0.85 else "grey"
    shade = (1 - 0.7 * grey) * hair_rgb + 0.7 * grey * 0.35
    return Identity(
        seed=seed, index=index, name=(called := name_of(seed, index, sex))[0], script=called[1],
        sex=sex, age=age, age_band=next(band for limit, band in AGE_BANDS if age < limit),
        bones=bones, skin=skin, skin_tone=SKIN_BANDS[min(int(dark * 5), 4)],
        lips=np.clip(lips, 0.01, 1), red=float(rng.uniform(0, 1)), freckles=min(freckles, 1.0),
        wrinkles=float(np.clip(old * rng.uniform(0.7, 1.2) + 0.05, 0, 1)),
        tired=float(rng.uniform(0, 0.6) + 0.4 * old), oil=float(rng.uniform(0.15, 0.55)),
        moles=draw_moles(rng), eyeshadow=made_up, eye_colour=eye_colour,
        iris=np.array(IRISES[eye_colour]) * rng.uniform(0.8, 1.25, 3),
        hair_colour=hair_colour, hair_style=style, hair=draw_style(rng, style),
        hair_rgb=hair_rgb, grey=grey, beard=beard, beard_rgb=0.8 * shade,
        brow_rgb=0.6 * (1 - 0.4 * grey) * hair_rgb + 0.05 * grey + 0.004,
        brow_density=bounded(rng, 0.85, 0.1),
        glasses=float(rng.choice([0.03, 0.75], p=[0.75, 0.25])),
        frame={
            "width": float(rng.uniform(0.20, 0.25)), "height": float(rng.uniform(0.13, 0.19)),
            "corner": float(rng.uniform(0.03, 0.18)), "wire": float(rng.uniform(0.010, 0.026)),
            "colour": float(rng.integers(0, 5)),
        },
        smiles=float(rng.uniform(0.5, 1.0)),
    )  # fmt: skip


OLDER = ("bald on top", "receding")
