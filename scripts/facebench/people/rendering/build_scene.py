"""One person in one view, made ready: the scene to trace and the look to shade it with."""

import numpy as np

from facebench.people.rendering import shape
from facebench.people.rendering.camera import Camera
from facebench.people.rendering.ellipsoids import Shapes
from facebench.people.rendering.finishes import (
    Brow,
    Cloth,
    Gaze,
    Light,
    Lips,
    Look,
    Skin,
    Strands,
    Worn,
)
from facebench.people.rendering.hair_styles import beard_numbers, hair_numbers, volumes
from facebench.people.rendering.scene import HAT, Glasses, Hat, Scene, floats
from facebench.people.seeds import chance
from facebench.people.who.identity import Identity
from facebench.people.who.view import View

F = np.float32
FRAMES = (
    (0.01, 0.01, 0.012), (0.06, 0.025, 0.012), (0.35, 0.3, 0.22), (0.03, 0.05, 0.12),
    (0.25, 0.03, 0.03),
)  # fmt: skip


def mimic_of(view: View) -> dict[str, float]:
    """The view's expression as the shapes want it."""
    return {"smile": view.smile, "gap": view.gap, "brows": view.brows, "lids": view.lids}


def scene_of(person: Identity, view: View, camera: Camera) -> Scene:
    """All geometry of a picture, in the head's frame."""
    bones, mimic = person.bones, mimic_of(view)
    s = Shapes()
    shape.skull(s, bones, mimic)
    bare = len(s.rows)
    shape.features(s, bones, mimic)
    head = len(s.rows)
    shape.body(s, bones, camera.head.T @ camera.body)
    if view.hat == "none" or person.hair_style not in ("bun", "ponytail"):
        volumes(s, person.hair_style, person.hair, bones["skull_width"])
    hat = floats(Hat, thick=0, height=0, slope=0, crown=0)
    if view.hat != "none":
        hat = put_on_hat(s, view.hat, bones)
    shapes, kinds = s.arrays()
    mouth = shape.mouth_place(bones, mimic)
    return Scene(
        shapes=shapes, kinds=kinds, bare=bare, head=head, eyes=shape.eyes(bones, mimic),
        hair=hair_numbers(person.hair), glasses=put_on_glasses(person, view), hat=hat,
        beard=beard_numbers(person.beard, mouth, bones, shape.nose_tip(bones)[0]),
    )  # fmt: skip


def put_on_hat(s: Shapes, kind: str, bones: dict[str, float]) -> Hat:
    """A hat's shell, and its brim among the shapes."""
    top, wide = 0.52, bones["skull_width"]
    if kind == "cap":
        s.add(HAT, (0, top + 0.03, 0.95), (wide * 0.82, 0.035, 0.52), 0.05, bend=(-0.16, -0.1))
        return floats(Hat, thick=0.06, height=top - 0.08, slope=0.14, crown=0.15)
    if kind == "sun hat":
        s.add(HAT, (0, top + 0.06, 0.02), (wide * 1.95, 0.035, 1.65), 0.08, bend=(-0.06, 0.0))
        return floats(Hat, thick=0.07, height=top - 0.02, slope=0.08, crown=0.2)
    return floats(Hat, thick=0.10, height=top - 0.12, slope=0.32, crown=0.25)


def put_on_glasses(person: Identity, view: View) -> Glasses:
    """Spectacles that fit this face, or none."""
    frame, bones = person.frame, person.bones
    eye = shape.eyes(bones, mimic_of(view))
    bigger = 1.12 if view.glasses == "sunglasses" else 1.0
    height = frame["height"] * bigger
    return floats(
        Glasses, radius=0.0 if view.glasses == "none" else frame["wire"],
        x=bones["eye_x"] + 0.01, y=float(eye.y) - 0.02, z=0.93 + 0.4 * bones["nose_bridge"],
        half_width=frame["width"] * bigger, half_height=height,
        corner=min(frame["corner"], height * 0.98),
        arm_x=0.5 * (bones["skull_width"] + bones["face_width"]) + 0.03,
        arm_y=float(eye.y), arm_back=-0.05,
    )  # fmt: skip


def cloth_of(view: View, camera: Camera) -> Cloth:
    """Today's clothes."""
    rng = chance(view.clothes)
    first, second = rng.uniform(0.0, 0.9, (2, 3)) ** 1.8 * rng.uniform(0.2, 1.0, (2, 1)) + 0.01
    return Cloth(
        first=first.astype(F), second=second.astype(F),
        turned=np.ascontiguousarray(camera.body.T @ camera.head, F),
        pattern=int(rng.choice([0, 0, 0, 1, 2, 3, 4])), size=float(rng.uniform(0.06, 0.2)),
        collar=float(rng.uniform(-1.5, -1.2)), opening=float(max(0, rng.uniform(-0.3, 0.6))),
        seed=int(rng.integers(2**20)),
    )  # fmt: skip


def look_of(person: Identity, view: View, camera: Camera) -> Look:
    """All colours of a picture."""
    bones, seed = person.bones, person.index * 131 + person.seed
    mouth = shape.mouth_place(bones, mimic_of(view))
    up = camera.direction(np.array([0.0, 1.0, 0.0]))
    towards = 0.75 * camera.direction(np.array([0.0, 0.0, 1.0])) + [0.0, 0.0, 0.25]
    towards = towards + [view.gaze_x, view.gaze_y, 0.0]
    towards /= np.linalg.norm(towards)
    rng = chance(view.clothes, 1)
    shades = view.glasses == "sunglasses"
    frown = min(view.brows, 0)
    return Look(
        light=Light(
            camera.direction(view.lamp), up, view.key.astype(F), view.sky.astype(F),
            view.ground.astype(F),
        ),
        skin=Skin(
            person.skin.astype(F), person.lips.astype(F),
            (person.skin * [0.50, 0.36, 0.30]).astype(F), person.moles, person.red, 0.22,
            person.freckles, person.wrinkles, person.tired, person.oil, person.eyeshadow, seed,
        ),
        brow=Brow(
            bones["brow_y"] + 0.04 * view.brows, bones["brow_arch"],
            bones["brow_tilt"] + 0.12 * frown, bones["brow_thick"], 0.10 + 0.02 * frown,
            bones["brow_length"] * 1.75, person.brow_density,
        ),
        strands=Strands(
            person.hair_rgb.astype(F), person.beard_rgb.astype(F), person.brow_rgb.astype(F),
            (person.hair_rgb * (1 - 0.8 * person.grey) + 0.22 * person.grey).astype(F),
            person.grey, person.hair["curly"], person.hair["backwards"], 1.0, 0.7, seed + 5,
        ),
        lips=Lips(
            mouth["width"], mouth["y"], mouth["gap"], mouth["bend"], bones["lip_upper"],
            bones["lip_lower"], *shape.nose_tip(bones),
        ),
        gaze=Gaze(person.iris.astype(F), 0.47, np.tile(towards, (2, 1)).astype(F)),
        cloth=cloth_of(view, camera),
        worn=Worn(
            np.array(FRAMES[int(person.frame["colour"])], F),
            (rng.uniform(0.0, 0.8, 3) ** 1.6 + 0.01).astype(F), 0.93 if shades else 0.05,
            float(rng.uniform(0.1, 0.5)), float(view.hat == "beanie"),
            0.12 if view.hat == "sun hat" else 0.0,
        ),
    )  # fmt: skip
