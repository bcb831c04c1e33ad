"""Detectors: `DETECTORS[name](**options)` returns a function from pixels to all faces in them."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from facebench.installed import in_package
from facebench.pictures.geometry import box_of
from facebench.timing import loading


@dataclass(frozen=True)
class Detection:
    """A face: box (left, top, right, bottom), five landmarks (5, 2): see `pictures.geometry`."""

    box: np.ndarray
    landmarks: np.ndarray


Detect = Callable[[np.ndarray], list[Detection]]


#: Largest side of a picture for dlib's neural detector, whose time and memory grow with its area:
#: a picture of 250 pixels takes 0.6 s of one core.
NEURAL_SIDE = 400

#: The network fails on pictures too thin for its pyramid; no face fits into them.
NEURAL_LEAST = 32


def dlib_detector(upsample: int, tries: int, neural: bool, max_side: int) -> Detect:
    """Return dlib's detectors with its 68-point predictor.

    The frontal one finds faces from 80 pixels on (King, "Max-margin object detection", 2015;
    Kazemi and Sullivan, CVPR 2014). A picture is first shrunk to `max_side` and its size doubled
    `upsample` times; if no face is found, it is doubled once more, up to `tries` tries. Where that
    finds nothing, with `neural`, the network of the same author looks. The function may be called
    by several threads at once: dlib works outside of Python's lock.
    """
    with loading():
        import dlib

        weights = dlib_weights("shape_predictor_68_face_landmarks.dat")
        predictor = dlib.shape_predictor(str(weights))
    network = str(dlib_weights("mmod_human_face_detector.dat"))
    # Detectors keep state while they run, so that every thread needs its own.
    local = threading.local()

    def frontal(pixels: np.ndarray) -> list[Detection]:
        if not hasattr(local, "frontal"):
            with loading():
                local.frontal = dlib.get_frontal_face_detector()
        small, scale = shrunk(pixels, max_side)
        for doublings in range(upsample, upsample + tries):
            if boxes := local.frontal(small, doublings):
                return [_detection(predictor(small, box), scale) for box in boxes]
        return []

    def aside(pixels: np.ndarray) -> list[Detection]:
        if not hasattr(local, "network"):
            with loading():
                local.network = dlib.cnn_face_detection_model_v1(network)
        small, scale = shrunk(pixels, NEURAL_SIDE)
        if min(small.shape[:2]) < NEURAL_LEAST:
            return []
        faces = []
        for found in local.network(small, 0):
            # The predictor knows the frontal detector's boxes, which lie lower: it starts again
            # from the one that would belong to what it saw in the network's.
            landmarks = _detection(predictor(small, found.rect), np.ones(2)).landmarks
            left, top, right, bottom = np.rint(box_of(landmarks)).astype(int).tolist()
            box = dlib.rectangle(left, top, right - 1, bottom - 1)
            faces.append(_detection(predictor(small, box), scale))
        return faces

    def detect(pixels: np.ndarray) -> list[Detection]:
        return frontal(pixels) or (aside(pixels) if neural else [])

    return detect


DETECTORS: Mapping[str, Callable[..., Detect]] = {"dlib": dlib_detector}


def dlib_weights(name: str) -> Path:
    """Return the path of one of dlib's files of weights. Raises `UserError` if it is missing."""
    return in_package("face_recognition_models", f"models/{name}")


def shrunk(pixels: np.ndarray, max_side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pixels with no side above `max_side`, and x and y of the old size over the new.

    >>> small, scale = shrunk(np.zeros((300, 600, 3), np.uint8), 200)
    >>> small.shape, scale.tolist()
    ((100, 200, 3), [3.0, 3.0])
    """
    height, width = pixels.shape[:2]
    size = fitting(width, height, max_side)
    if size == (width, height):
        return pixels, np.ones(2)
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BOX)
    return np.asarray(small), np.array([width, height]) / np.array(size)


def fitting(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Return width and height in the same proportion with no side above `max_side`.

    >>> fitting(600, 300, 200), fitting(30, 20, 200), fitting(9999, 1, 200)
    ((200, 100), (30, 20), (200, 1))
    """
    factor = min(1.0, max_side / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def choose(faces: Sequence[Detection], width: int, height: int, by: str) -> Detection | None:
    """Return the face nearest the picture's centre, or the largest one; None if there is none."""
    return min(faces, key=lambda face: CHOICES[by](face.box, width, height), default=None)


def _from_centre(box: np.ndarray, width: int, height: int) -> float:
    return float(np.hypot(box[0] + box[2] - width, box[1] + box[3] - height))


def _smallness(box: np.ndarray, width: int, height: int) -> float:
    return -float((box[2] - box[0]) * (box[3] - box[1]))


CHOICES: Mapping[str, Callable[[np.ndarray, int, int], float]] = {
    "centre": _from_centre,
    "largest": _smallness,
}


def _detection(shape: Any, scale: np.ndarray) -> Detection:
    box = shape.rect
    edges = np.array([box.left(), box.top(), box.right() + 1, box.bottom() + 1], float)
    points = np.array([(point.x, point.y) for point in shape.parts()], float)
    return Detection(edges * np.tile(scale, 2), (five(points) + 0.5) * scale - 0.5)


def five(points: np.ndarray) -> np.ndarray:
    """Return eye centres, nose tip and mouth corners (5, 2) of iBUG's 68 points (68, 2)."""
    eyes = points[36:48].reshape(2, 6, 2).mean(1)
    return np.vstack([eyes, points[[30, 48, 54]]])
