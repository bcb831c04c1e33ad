"""One row a picture: who, how they look, how the picture was taken, what is where."""

from facebench.people.rendering.build_scene import scene_of
from facebench.people.rendering.camera import camera_of
from facebench.people.rendering.ground_truth import truth_of
from facebench.people.who.captions import caption
from facebench.people.who.identity import Identity
from facebench.people.who.view import View


def key_of(person: Identity) -> str:
    """The person's folder and identity in tables, unique among all populations."""
    return f"s{person.seed}p{person.index:06d}"


def path_of(person: Identity, view: View) -> str:
    """The picture's path under the data set's root."""
    return f"{key_of(person)}/{view.number:03d}.jpg"


def row_of(person: Identity, view: View, size: int, truth: dict[str, float]) -> dict:
    """A row of people.parquet; angles in radians, landmarks and box in pixels."""
    return {
        "path": path_of(person, view),
        "identity": key_of(person),
        "name": person.name,
        "script": person.script,
        "width": size,
        "height": size,
        "sex": person.sex,
        "age": person.age,
        "age_band": person.age_band,
        "skin_tone": person.skin_tone,
        "hair_colour": person.hair_colour,
        "hair_style": person.hair_style,
        "eye_colour": person.eye_colour,
        "beard": person.beard,
        "freckles": person.freckles > 0.4,
        "moles": len(person.moles),
        "view": view.number,
        "glasses": view.glasses,
        "hat": view.hat,
        "expression": view.expression,
        "background": view.background,
        "yaw": view.yaw,
        "pitch": view.pitch,
        "roll": view.roll,
        "light_x": float(view.lamp[0]),
        "light_y": float(view.lamp[1]),
        "jpeg_quality": view.quality,
        **truth,
        "caption": caption(person, view),
    }


def describe(person: Identity, view: View, size: int) -> dict:
    """The row of a picture that need not be drawn again."""
    camera = camera_of(view)
    truth = truth_of(person, view, camera, scene_of(person, view, camera), size)
    return row_of(person, view, size, truth)
