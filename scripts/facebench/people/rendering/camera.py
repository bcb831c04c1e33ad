"""Where the head stands before the camera: rays for tracing, and points to pixels."""

from dataclasses import dataclass

import numpy as np

from facebench.people.rendering.ellipsoids import turn
from facebench.people.who.view import View

HALF = 1.55  # decimetres from the picture's middle to its edge, at the head's distance
MIDDLE = -0.06  # height of the picture's middle in the unturned head's frame


@dataclass(frozen=True)
class Camera:
    """A pinhole camera, and the pose of the person before it.

    head, body: rotations (3, 3). distance: in decimetres. focal, shift (2,): in half widths
    of the picture.
    """

    head: np.ndarray
    body: np.ndarray
    distance: float
    focal: float
    shift: np.ndarray

    def origin(self) -> np.ndarray:
        """The pinhole in the head's frame (3,) float32."""
        return (self.head.T @ [0.0, MIDDLE, self.distance]).astype(np.float32)

    def rays(self) -> np.ndarray:
        """Rows right, up and ahead (3, 3) float32 in the head's frame; see `picture.trace`."""
        u, v = self.shift
        ahead = [-u / self.focal, -v / self.focal, -1.0]
        axes = np.array([[1 / self.focal, 0, 0], [0, 1 / self.focal, 0], ahead])
        return np.ascontiguousarray(axes @ self.head, np.float32)

    def pixels(self, points: np.ndarray, size: int) -> np.ndarray:
        """Points (N, 3) of the head's frame as x, y (N, 2) in pixels from the top left corner."""
        x, y, z = (np.asarray(points, float) @ self.head.T).T
        deep = self.distance - z
        u = self.focal * x / deep + self.shift[0]
        v = self.focal * (y - MIDDLE) / deep + self.shift[1]
        return np.stack([(u + 1) * size / 2, (1 - v) * size / 2], axis=1)

    def direction(self, world: np.ndarray) -> np.ndarray:
        """A direction (3,) before the camera as the head sees it, float32."""
        return (self.head.T @ world).astype(np.float32)


def camera_of(view: View) -> Camera:
    """The camera of a view; the body follows the head's turns by a third."""
    return Camera(
        head=turn(view.pitch, view.yaw, view.roll),
        body=turn(0.2 * view.pitch, 0.35 * view.yaw, 0.3 * view.roll),
        distance=view.distance,
        focal=view.distance * view.zoom / HALF,
        shift=np.array([2 * view.offset_x, -2 * view.offset_y]),
    )
