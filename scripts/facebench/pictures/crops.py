"""Crops: what part of a picture the models may see. `CROPS[kind](picture, face, **options)`.

Every crop returns a `Crop` of at most `max_side` pixels a side, shrunk with an antialiasing filter
and never enlarged beyond the picture's own resolution, but for faces smaller than the smallest
aligned crop. Where a crop reaches beyond the picture, the picture's edge is continued: a bar of one
colour would be a visible feature, and a mirrored picture would show a second face.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from facebench.pictures.detectors import fitting
from facebench.pictures.equal_areas import distances, equal_areas
from facebench.pictures.files import content
from facebench.pictures.geometry import (
    BOX_COLUMNS,
    POINT_COLUMNS,
    TEMPLATES,
    box_frame,
    face_frame,
    frame_side,
    inverse,
    plausible,
)
from facebench.pictures.reading import is_plain, read_picture
from facebench.store.faces import encode

#: Side of the smallest similarity crop: that of the networks' own training crops.
SMALLEST = 112

#: A face frame is cut at most this many times as large as the picture.
LARGEST = 4

#: The head's ellipse in the ArcFace frame, as fractions of its side: centre and half axes. Means
#: over 804 pictures of LFW put the chin at 1.07 and the jaw at 0.13 and 0.87; the ellipse ends at
#: 1.17 below, at -0.35 above, where hair ends, and half a face beyond either cheek.
HEAD_CENTRE, HEAD_AXES = (0.5, 0.41), (0.58, 0.76)

#: In a face that looks aside, the back of the head shows behind the cheek: how far the ellipse
#: moves there, and how much its half axis grows, for every fraction of the frame that the nose is
#: off the middle of eyes and mouth (up to 0.17 in LFW).
HEAD_SHIFT, HEAD_GROWTH = 2.0, 1.0


class NoFace(Exception):
    """This crop can't be made of this picture; the message says why, in a sentence."""


@dataclass(frozen=True)
class Face:
    """Where the face is: `box` (4,) and `landmarks` (5, 2) of `facebench.pictures.geometry`."""

    box: np.ndarray
    landmarks: np.ndarray


def face_of(row: Mapping[Any, Any]) -> Face | None:
    """Return the face of a row of landmarks.parquet; None where none was found."""
    if row["status"] != "ok":
        return None
    box, points = (
        np.array([row[name] for name in names], float) for names in (BOX_COLUMNS, POINT_COLUMNS)
    )
    return Face(box, points.reshape(5, 2))


class Picture:
    """A picture file, decoded when its pixels are first asked for, and resized to `size` if given.

    `size` is (width, height): of the picture that this one stands in for. pixels: those of the
    file, where they are known already.
    """

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int] | None = None,
        pixels: np.ndarray | None = None,
    ) -> None:
        self.path, self.size = Path(path), size
        if pixels is not None:
            self.own_pixels = pixels

    @cached_property
    def own_pixels(self) -> np.ndarray:
        """The file's own, upright uint8 RGB, shape (height, width, 3)."""
        return read_picture(self.path)

    @property
    def own_size(self) -> tuple[int, int]:
        """Width and height of the file's own pixels."""
        height, width = self.own_pixels.shape[:2]
        return width, height

    @cached_property
    def pixels(self) -> np.ndarray:
        """Upright uint8 RGB, shape (height, width, 3)."""
        if self.size in (None, self.own_size):
            return self.own_pixels
        resized = Image.fromarray(self.own_pixels).resize(self.size, Image.Resampling.LANCZOS)
        return np.asarray(resized)


@dataclass(frozen=True)
class Crop:
    """An encoded picture and its size in pixels."""

    image: bytes
    width: int
    height: int


def box(picture: Picture, face: Face | None, margin: float, max_side: int) -> Crop:
    """Return the upright square about the face's box, enlarged by `margin` box sides all round."""
    frame = frame_of(_usable(picture, face), {"kind": "box", "margin": margin})
    return _cut(picture.pixels, frame, 1, max_side)


def similarity(picture: Picture, face: Face | None, template: str, max_side: int) -> Crop:
    """Return the face turned, scaled and shifted so that its landmarks lie on a template.

    The side is that of the frame in the picture, so that nothing is enlarged or shrunk, but at
    least `SMALLEST` and at most `max_side`.
    """
    frame = frame_of(_usable(picture, face), {"kind": "similarity", "template": template})
    return _cut(picture.pixels, frame, SMALLEST, max_side)


def whole(picture: Picture, face: Face | None, max_side: int) -> Crop:
    """Return the whole picture: the file's own bytes where all programs decode them alike.

    That is an upright JPEG or PNG of 8-bit RGB no larger than `max_side`; else a PNG.
    """
    pixels = picture.pixels
    height, width = pixels.shape[:2]
    if max(width, height) <= max_side and picture.size is None and is_plain(picture.path):
        return Crop(content(picture.path), width, height)
    return _png(_resized(pixels, max_side))


def masked(picture: Picture, face: Face | None, size: float, grey: int, max_side: int) -> Crop:
    """Return the whole picture with the head under a grey ellipse.

    The ellipse turns and grows with the landmarks and covers hair line, ears and chin at `size`
    1; `size` multiplies its axes. Long hair, neck and other people stay visible.
    """
    pixels, face = picture.pixels, _usable(picture, face)
    outline = head(face.landmarks, size)
    canvas = Image.fromarray(pixels)
    ImageDraw.Draw(canvas).polygon([(x, y) for x, y in outline], fill=(grey, grey, grey))
    return _png(_resized(np.asarray(canvas), max_side))


def half(picture: Picture, face: Face | None, show: str, grey: int, max_side: int) -> Crop:
    """Return the picture with the `head`, or what is `around` it, alone; the rest is grey.

    Both show as many pixels: see `facebench.pictures.equal_areas`. The head is the ellipse that
    `masked` covers.
    """
    pixels, face = picture.pixels, _usable(picture, face)
    height, width = pixels.shape[:2]
    visible = equal_areas(distances(*head_ellipse(face.landmarks), width, height))[show]
    if not visible.any():
        raise NoFace("The head fills the picture.")
    return _png(_resized(np.where(visible[..., None], pixels, np.uint8(grey)), max_side))


CROPS: Mapping[str, Callable[..., Crop]] = {
    "box": box,
    "similarity": similarity,
    "whole": whole,
    "masked": masked,
    "half": half,
}

#: The frame of a crop that shows a square about the face, by its kind: from a face and the options.
FRAMES: Mapping[str, Callable[[Face, Mapping[str, Any]], np.ndarray]] = {
    "box": lambda face, options: box_frame(face.box, options["margin"]),
    "similarity": lambda face, options: face_frame(face.landmarks, TEMPLATES[options["template"]]),
}


def frame_of(face: Face, spec: Mapping[str, Any]) -> np.ndarray:
    """Return the frame (2, 3) that a crop of a kind in `FRAMES` shows; `spec` is its entry."""
    return FRAMES[spec["kind"]](face, spec)


def head(landmarks: np.ndarray, size: float = 1.0) -> np.ndarray:
    """Return the outline (128, 2) of the head's ellipse, in pixels with whole-numbered centres."""
    frame, centre, axes = head_ellipse(landmarks)
    angles = np.linspace(0, 2 * np.pi, 128, endpoint=False)
    points = centre + np.column_stack([np.cos(angles), np.sin(angles)]) * axes * size
    return points @ frame[:, :2].T + frame[:, 2] - 0.5


def head_ellipse(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the face's frame (2, 3), and the head's centre and half axes in it, (2,) each."""
    frame = face_frame(landmarks, TEMPLATES["arcface"])
    to_frame = inverse(frame)
    x = (landmarks + 0.5) @ to_frame[0, :2] + to_frame[0, 2]
    aside = x[2] - x[[0, 1, 3, 4]].mean()
    centre = np.array(HEAD_CENTRE) - [HEAD_SHIFT * aside, 0]
    return frame, centre, np.array(HEAD_AXES) + [HEAD_GROWTH * abs(aside), 0]


def warp(pixels: np.ndarray, frame: np.ndarray, side: int) -> np.ndarray:
    """Return the picture seen through `frame`, uint8 (side, side, 3): bicubic, antialiased."""
    shrink = frame_side(frame) / side
    if shrink >= 4:
        # Averages of whole pixels first, as far as they leave the filters below enough to do:
        # a face of thousands of pixels would take gigabytes.
        step = int(shrink // 2)
        pixels, frame = np.asarray(Image.fromarray(pixels).reduce(step)), frame / step
        shrink = shrink / step
    corners = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]]) @ frame.T
    # Three pixels more than the frame, for the bicubic filter.
    left, top = np.floor(corners.min(0)).astype(int) - 3
    right, bottom = np.ceil(corners.max(0)).astype(int) + 3
    region = Image.fromarray(_region(pixels, left, top, right, bottom))
    frame = frame - np.array([[0, 0, left], [0, 0, top]])
    if shrink > 1:
        size = max(1, round(region.width / shrink)), max(1, round(region.height / shrink))
        frame = frame * (np.array(size) / np.array(region.size))[:, None]
        region = region.resize(size, Image.Resampling.LANCZOS)
    coefficients = np.column_stack([frame[:, :2] / side, frame[:, 2]]).ravel()
    turned = region.transform(
        (side, side), Image.Transform.AFFINE, tuple(coefficients), Image.Resampling.BICUBIC
    )
    return np.asarray(turned)


def _cut(pixels: np.ndarray, frame: np.ndarray, smallest: int, max_side: int) -> Crop:
    """Return what `frame` shows at the picture's own scale, as far as the limits allow.

    Raises `NoFace` for a frame that no face in the picture can have.
    """
    native, (height, width) = frame_side(frame), pixels.shape[:2]
    corners = np.array([[0, 0, 1], [1, 1, 1]]) @ frame.T
    if not 1 <= native <= LARGEST * max(width, height):
        raise NoFace("The face's size does not fit the picture.")
    if (corners.max(0) <= 0).any() or (corners.min(0) >= [width, height]).any():
        raise NoFace("The face lies outside of the picture.")
    return _png(warp(pixels, frame, min(max(round(native), smallest), max_side)))


def _usable(picture: Picture, face: Face | None) -> Face:
    height, width = picture.pixels.shape[:2]
    if face is None:
        raise NoFace("No face was found.")
    if not plausible(face.landmarks, width, height):
        raise NoFace("The landmarks are not those of a face in this picture.")
    return face


def _region(pixels: np.ndarray, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """Return pixels[top:bottom, left:right], the edge's pixels continued beyond the edge."""
    height, width = pixels.shape[:2]
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return np.ascontiguousarray(pixels[top:bottom, left:right])
    rows = np.clip(np.arange(top, bottom), 0, height - 1)
    columns = np.clip(np.arange(left, right), 0, width - 1)
    return pixels[rows[:, None], columns]


def _resized(pixels: np.ndarray, max_side: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    size = fitting(width, height, max_side)
    if size == (width, height):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def _png(pixels: np.ndarray) -> Crop:
    return Crop(encode(pixels), pixels.shape[1], pixels.shape[0])
