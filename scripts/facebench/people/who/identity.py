"""People: everything about a face that stays from one picture to the next."""

from dataclasses import dataclass

import numpy as np

from facebench.people.rendering.hair_styles import BEARDS, FEMININE, MASCULINE, draw_style
from facebench.people.seeds import bounded, chance, weighted
from facebench.people.who.bones import draw_bones
from facebench.people.who.complexion import (
    HAIR_COLOURS,
    IRISES,
    SKIN_BANDS,
    draw_moles,
    draw_skin,
    hair_chances,
    iris_chances,
)
from facebench.people.who.names import name_of

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
    rest: float


def draw_identity(seed: int, index: int) -> Identity:
    """Person `index` of the population `seed`; no other person need be drawn first."""
    rng = chance(seed, index, 0)
    sex = str(rng.choice(["feminine", "masculine"]))
    masculine = float(np.clip(rng.normal(0.85 if sex == "masculine" else 0.15, 0.15), 0, 1))
    age = int(18 + 67 * rng.beta(1.2, 1.7))
    bones = draw_bones(rng, masculine)
    old = float(np.clip((age - 35) / 45, 0, 1))
    bones["lip_upper"] *= 1 - 0.25 * old
    bones["ear_size"] += 0.025 * old
    bones["lid_upper"] -= 0.06 * old
    dark, skin = draw_skin(rng)
    fair = max(0.0, 1 - 2.2 * dark)
    hair_colour = weighted(rng, hair_chances(dark))
    hair_rgb = np.array(HAIR_COLOURS[hair_colour]) * rng.uniform(0.75, 1.3)
    grey = float(np.clip(rng.normal((age - 50) / 28, 0.2), 0, 1))
    eye_colour = weighted(rng, iris_chances(dark, hair_colour))
    styles = MASCULINE if (sex == "masculine") != (rng.random() < 0.05) else FEMININE
    style = weighted(rng, {k: w for k, w in styles.items() if age > 32 or k not in OLDER})
    beards = {kind: weight for kind, (weight, _) in BEARDS.items()}
    beard = weighted(rng, beards) if sex == "masculine" else "clean-shaven"
    made_up = float(rng.uniform(0, 1)) if sex == "feminine" else 0.0
    rouge = made_up * rng.uniform(0.4, 1) * np.array([0.13, -0.03, -0.01])
    lips = skin * [0.92, 0.62, 0.62] + rouge
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
        rest=bounded(rng, 0.12, 0.1),
    )  # fmt: skip


OLDER = ("bald on top", "receding")
