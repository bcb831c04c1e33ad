"""What a picture is traced from: blended ellipsoids, and the numbers of the few parts that are not.

Lengths are in decimetres. The head's frame: x to the picture's right, y up, z out of the face;
the origin lies between the eyes, level with the ears.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

SKIN, EYE, MOUTH, HAIR, BEARD, BODY, GLASSES, HAT = range(8)
PARTS = 8
LOCKS = PARTS  # one more row of the kernels' scratch: the hair's tangled waves
ROWS = PARTS + 1


class Eyes(NamedTuple):
    """The eyeballs' place, and how far the lids are open (sines and cosines of elevations)."""

    x: float
    y: float
    z: float
    radius: float
    lid: float
    tilt_cos: float
    tilt_sin: float
    upper_cos: float
    upper_sin: float
    lower_cos: float
    lower_sin: float


class Hair(NamedTuple):
    """Where hair grows on the skull and how far it stands off; see `hair.line`."""

    bald: float
    front: float
    recess: float
    peak: float
    fringe: float
    sweep: float
    part: float
    side: float
    nape: float
    crown: float
    top: float
    sides: float
    back: float
    quiff: float
    fade: float
    ragged: float
    curl: float
    curl_size: float
    stretch: float


class Beard(NamedTuple):
    """Where a beard grows and how thick (0: only painted)."""

    amount: float
    thickness: float
    cheek: float
    slope: float
    width: float
    moustache: float
    chin: float
    mouth_y: float
    mouth_width: float
    lip_top: float
    lip_bottom: float
    nose_y: float
    bottom: float
    ragged: float


class Glasses(NamedTuple):
    """Two rims around (±x, y), a bridge and two arms; radius 0: none."""

    radius: float
    x: float
    y: float
    z: float
    half_width: float
    half_height: float
    corner: float
    arm_x: float
    arm_y: float
    arm_back: float


class Hat(NamedTuple):
    """A shell `thick` off the skull above the plane y = height + slope * z; thick 0: none."""

    thick: float
    height: float
    slope: float
    crown: float


class Scene(NamedTuple):
    """Everything the distance needs: shapes (S, 16) float32, kinds (S, 3) int32, and the rest.

    The first `bare` shapes are the skull, from which hair and hat stand off; the first `head`
    are the skull and the face's features, without neck, hair and hat.
    """

    shapes: Array
    kinds: npt.NDArray[np.int32]
    bare: int
    head: int
    eyes: Eyes
    hair: Hair
    beard: Beard
    glasses: Glasses
    hat: Hat


def floats(kind: Any, **values: float) -> Any:
    """A named tuple of float32, the only width the kernels compute in."""
    return kind(**{name: np.float32(value) for name, value in values.items()})
