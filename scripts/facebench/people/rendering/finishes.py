"""Colours and finishes for the shading. Colours are linear RGB, 0 to 1."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Light(NamedTuple):
    """A lamp's direction and colour, the light from above and below; in the head's frame."""

    lamp: npt.NDArray[np.float32]
    up: npt.NDArray[np.float32]
    key: npt.NDArray[np.float32]
    sky: npt.NDArray[np.float32]
    ground: npt.NDArray[np.float32]


class Skin(NamedTuple):
    """Tone and lips (3,), moles (M, 4: x, y, radius, darkness), and amounts from 0 to 1."""

    tone: npt.NDArray[np.float32]
    lips: npt.NDArray[np.float32]
    shadow: npt.NDArray[np.float32]
    moles: npt.NDArray[np.float32]
    red: float
    mottled: float
    freckles: float
    wrinkles: float
    tired: float
    oil: float
    eyeshadow: float
    seed: int


class Brow(NamedTuple):
    """One eyebrow in front view, its other half mirrored."""

    y: float
    arch: float
    tilt: float
    thick: float
    inner: float
    length: float
    density: float


class Strands(NamedTuple):
    """Colours of hair, beard, brows and roots, the share of grey, and how strands run and shine."""

    colour: npt.NDArray[np.float32]
    beard: npt.NDArray[np.float32]
    brow: npt.NDArray[np.float32]
    roots: npt.NDArray[np.float32]
    grey: float
    curly: float
    backwards: float
    fineness: float
    shine: float
    seed: int


class Lips(NamedTuple):
    """The mouth in front view: half-width, height, gap, bend by x squared, lips; the nose's tip."""

    width: float
    y: float
    gap: float
    bend: float
    upper: float
    lower: float
    nose_y: float
    nose_z: float


class Gaze(NamedTuple):
    """Iris colour (3,), its size in eyeball radii, and the directions of both eyes (2, 3)."""

    iris: npt.NDArray[np.float32]
    size: float
    towards: npt.NDArray[np.float32]


class Cloth(NamedTuple):
    """Two colours (3,), pattern number, collar height and depth; `turned` (3, 3) head to body."""

    first: npt.NDArray[np.float32]
    second: npt.NDArray[np.float32]
    turned: npt.NDArray[np.float32]
    pattern: int
    size: float
    collar: float
    opening: float
    seed: int


class Worn(NamedTuple):
    """Colours (3,) of spectacle frames and hat, the lenses' tint and glare from 0 to 1."""

    frame: npt.NDArray[np.float32]
    hat: npt.NDArray[np.float32]
    tint: float
    glare: float
    knit: float
    band: float


class Look(NamedTuple):
    """All finishes of one picture."""

    light: Light
    skin: Skin
    brow: Brow
    strands: Strands
    lips: Lips
    gaze: Gaze
    cloth: Cloth
    worn: Worn
