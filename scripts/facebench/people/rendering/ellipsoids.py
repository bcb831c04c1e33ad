"""Ellipsoids, turned and packed into the arrays that a scene is traced from."""

import numpy as np
import numpy.typing as npt

from facebench.people.rendering.scene import Array


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
