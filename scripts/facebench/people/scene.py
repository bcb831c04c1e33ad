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


def turn(pitch: float = 0.0, yaw: float = 0.0, roll: float = 0.0) -> npt.NDArray[np.float64]:
    """Rotation (3, 3): roll about z, then pitch about x, then yaw about y, in radians.

    Positive yaw turns the face to the picture's right, positive pitch up, positive roll
    lifts the picture's right side.
    """
    (cp, cy, cr), (sp, sy, sr) = np.cos([pitch, yaw, roll]), np.sin([pitch, yaw, roll])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


class Shapes:
    """A growing list of ellipsoids, packed into arrays at the end."""

    def __init__(self) -> None:
        self.rows: list[np.ndarray] = []
        self.kinds: list[tuple[int, int, int]] = []

    def add(
        self, part, centre, radii, blend=0.1, turned=None, both=False, cut=False, bend=(0.0, 0.0)
    ) -> None:
        """Melt an ellipsoid into `part` over a width `blend`, or `cut` it out.

        `both` repeats it on the other side; `bend` adds (y, z) in proportion to x squared.
        """
        matrix = np.diag(1.0 / np.asarray(radii, float))
        if turned is not None:
            matrix = matrix @ np.asarray(turned).T
        self.rows.append(np.concatenate([centre, matrix.ravel(), [blend], bend, radii[:1]]))
        self.kinds.append((part, int(cut), int(both)))

    def arrays(self) -> tuple[Array, npt.NDArray[np.int32]]:
        """Shapes (S, 16) float32 and kinds (S, 3) int32: part, cut, both."""
        return np.array(self.rows, np.float32), np.array(self.kinds, np.int32)
