"""Ground truth of a picture, projected from the geometry: five landmarks and the face's box."""

from typing import Any

import numpy as np

from facebench.people.rendering import shape
from facebench.people.rendering.build_scene import mimic_of
from facebench.people.rendering.camera import Camera
from facebench.people.rendering.march import surface
from facebench.people.rendering.scene import Scene
from facebench.people.who.identity import Identity
from facebench.people.who.view import View

F = np.float32
LANDMARKS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
FOREHEAD = 0.62
GRID = 13


def without(part: Any, field: str, value: float) -> Any:
    """A part's numbers with the one changed that takes it away."""
    return part._replace(**{field: F(value)})


def bare_face(scene: Scene) -> Scene:
    """The scene without hair, beard, glasses, hat, neck and shoulders."""
    return scene._replace(
        shapes=scene.shapes[: scene.head],
        kinds=scene.kinds[: scene.head],
        hair=without(scene.hair, "bald", 1),
        beard=without(scene.beard, "thickness", 0),
        glasses=without(scene.glasses, "radius", 0),
        hat=without(scene.hat, "thick", 0),
    )


def truth_of(person: Identity, view: View, camera: Camera, scene: Scene, size: int) -> dict:
    """Columns `<landmark>_x`, `<landmark>_y` and `box_<side>` in pixels from the top left corner.

    The first pixel's middle is 0 for landmarks, its edge is 0 for boxes. Left is the picture's
    left. The box spans chin to hairline's height and the cheeks before the ears, hair or none.
    """
    bones = person.bones
    mouth, eyes = shape.mouth_place(bones, mimic_of(view)), scene.eyes
    tip_y = shape.nose_tip(bones)[0]
    corner = mouth["y"] + mouth["bend"] * mouth["width"] ** 2
    chin = -1.25 - bones["face_length"] - bones["chin_drop"] - 0.16 * view.gap
    across, down = np.meshgrid(np.linspace(-0.78, 0.78, GRID), np.linspace(chin, FOREHEAD, GRID))
    x = np.concatenate([[0, -mouth["width"], mouth["width"]], across.ravel()]).astype(F)
    y = np.concatenate([[tip_y, corner, corner], down.ravel()]).astype(F)
    z = np.full(len(x), 2.0, F)
    hit = surface(bare_face(scene), x, y, z, len(x))
    front = float(eyes.z) + float(eyes.radius)
    points = np.stack([x, y, z], 1)
    five = np.concatenate([[[-eyes.x, eyes.y, front], [eyes.x, eyes.y, front]], points[:3]], axis=0)
    face = points[3:][(hit[3:] > 0) & (z[3:] > 0.1)]
    spots, outline = camera.pixels(five, size) - 0.5, camera.pixels(face, size)
    row = {
        f"{n}_{axis}": float(v)
        for n, p in zip(LANDMARKS, spots, strict=True)
        for axis, v in zip("xy", p, strict=True)
    }
    (left, top), (right, bottom) = outline.min(0), outline.max(0)
    return row | {
        "box_left": float(left), "box_top": float(top),
        "box_right": float(right), "box_bottom": float(bottom),
    }  # fmt: skip
