"""Where a face is and which square of the picture to cut: numbers only, no pixels.

Landmarks are an array (5, 2): left eye, right eye, nose tip, left and right corner of the mouth,
left as seen in the picture, as x and y of pixels whose centres have whole numbers, which is how
detectors and data sets give them. Boxes are left, top, right, bottom, as numbers of pixel edges: a
picture's own box is 0, 0, width, height.

A frame is a matrix (2, 3) that takes the unit square to the picture, in numbers of pixel edges:
`frame @ (0, 0, 1)` is where the crop's top left corner is, `frame @ (1, 1, 1)` its bottom right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
POINT_COLUMNS = [f"{point}_{axis}" for point in POINTS for axis in "xy"]
BOX_COLUMNS = ["box_left", "box_top", "box_right", "box_bottom"]


@dataclass(frozen=True)
class Template:
    """Where the five landmarks belong in a crop, as fractions of its side, and how they count."""

    points: np.ndarray
    weights: tuple[float, ...] = (1, 1, 1, 1, 1)
    fit_to_picture: bool = False


def _fractions(pixels: list[list[float]], side: int) -> np.ndarray:
    return (np.array(pixels) + 0.5) / side


TEMPLATES: Mapping[str, Template] = {
    # The five points of ArcFace's training crops (Deng et al., CVPR 2019), 112 pixels a side,
    # fitted as there: from the picture to the template, all points alike.
    "arcface": Template(
        _fractions(
            [
                [38.2946, 51.6963],
                [73.5318, 51.5014],
                [56.0252, 71.7366],
                [41.5493, 92.3655],
                [70.7299, 92.2041],
            ],
            112,
        )
    ),
    # Where the five points lie on average in dlib's own face chips (150 pixels, padding 0.25) of
    # 804 pictures of LFW; their middle is a pixel left of the chip's. dlib fits eyes, nose and
    # upper lip of 68 points to the picture; with these weights, the corners of the five-point crop
    # are 2.4 of 150 pixels off dlib's, with equal ones 4.2, and fitted the other way 5.1.
    "dlib": Template(
        _fractions(
            [[47.1, 45.9], [99.9, 45.9], [73.5, 75.5], [49.8, 103.9], [97.2, 103.9]],
            150,
        ),
        weights=(1, 1, 1, 0.35, 0.35),
        fit_to_picture=True,
    ),
}

#: Side and centre of the square box of dlib's detector, as fractions of the ArcFace frame: the
#: mean over the same 804 pictures.
BOX_SIDE, BOX_CENTRE = 0.80, (0.5, 0.64)


def similarity(
    source: np.ndarray, target: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return the matrix (2, 3) of rotation, scale and shift that takes `source` nearest `target`.

    Least squares in the space of `target` over points (n, 2), as Umeyama (PAMI 1991) for
    transforms that don't mirror. Raises `ValueError` where the source points coincide.

    >>> turned = similarity(np.array([[0, 0], [1, 0]]), np.array([[5, 5], [5, 7]]))
    >>> (turned @ [0, 1, 1]).tolist()
    [3.0, 5.0]
    """
    w = np.ones(len(source)) if weights is None else np.asarray(weights, float)
    w = (w / w.sum())[:, None]
    middle, aim = (w * source).sum(0), (w * target).sum(0)
    s, t = source - middle, target - aim
    spread = (w * s**2).sum()
    if not spread > 1e-12:
        raise ValueError("all landmarks lie on one point")
    a = (w * s * t).sum() / spread
    b = (w[:, 0] * (s[:, 0] * t[:, 1] - s[:, 1] * t[:, 0])).sum() / spread
    turn = np.array([[a, -b], [b, a]])
    return np.column_stack([turn, aim - turn @ middle])


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Return the (2, 3) matrix that undoes `matrix`."""
    back = np.linalg.inv(matrix[:, :2])
    return np.column_stack([back, -back @ matrix[:, 2]])


def face_frame(landmarks: np.ndarray, template: Template) -> np.ndarray:
    """Return the frame in which the landmarks lie as near as can be to their template."""
    seen = landmarks + 0.5
    if template.fit_to_picture:
        return similarity(template.points, seen, np.array(template.weights))
    return inverse(similarity(seen, template.points, np.array(template.weights)))


def box_frame(box: np.ndarray, margin: float) -> np.ndarray:
    """Return the upright square frame about a box, enlarged by `margin` box sides on each side.

    Its edges are pixel edges, so that nothing is interpolated where nothing is resized.

    >>> box_frame(np.array([10, 20, 30, 40]), 0.5).tolist()
    [[40.0, 0.0, 0.0], [0.0, 40.0, 10.0]]
    """
    left, top, right, bottom = box
    side = np.rint(max(right - left, bottom - top) * (1 + 2 * margin))
    corner = np.rint([(left + right - side) / 2, (top + bottom - side) / 2])
    return np.array([[side, 0, corner[0]], [0, side, corner[1]]])


def frame_side(frame: np.ndarray) -> float:
    """Return the side of a frame, in pixels of the picture."""
    return float(np.hypot(frame[0, 0], frame[1, 0]))


def box_of(landmarks: np.ndarray) -> np.ndarray:
    """Return the box that dlib's detector would give a face with these landmarks, on average."""
    frame = face_frame(landmarks, TEMPLATES["arcface"])
    centre, half = frame @ [*BOX_CENTRE, 1], frame_side(frame) * BOX_SIDE / 2
    return np.array([*(centre - half), *(centre + half)])


def plausible(landmarks: np.ndarray, width: int, height: int) -> bool:
    """Return whether five points can be those of a face in a picture of this size.

    They must be finite, some point must lie in the picture, and the face must be neither smaller
    than a few pixels nor much larger than the picture.
    """
    if not np.isfinite(landmarks).all():
        return False
    inside = (landmarks >= -0.5) & (landmarks <= np.array([width, height]) - 0.5)
    spread = np.ptp(landmarks, axis=0).max()
    return bool(inside.all(axis=1).any() and 4 <= spread <= 2 * max(width, height))
