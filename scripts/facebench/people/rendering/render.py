"""A person and a view in, a picture and its ground truth out."""

import numpy as np
from PIL import Image

from facebench.people.rendering.background import draw_background
from facebench.people.rendering.build_scene import look_of, scene_of
from facebench.people.rendering.camera import camera_of
from facebench.people.rendering.ground_truth import truth_of
from facebench.people.rendering.photograph import jpeg, photograph
from facebench.people.rendering.render_rays import trace
from facebench.people.seeds import chance
from facebench.people.who.identity import Identity
from facebench.people.who.view import View

F = np.float32


def render(person: Identity, view: View, size: int = 96) -> tuple[Image.Image, dict[str, float]]:
    """An RGB picture (size, size) and its landmarks and box in pixels; runs on one core."""
    camera = camera_of(view)
    scene, look = scene_of(person, view, camera), look_of(person, view, camera)
    light = draw_background(view.backdrop, view.background, size).repeat(2, 0).repeat(2, 1)
    near, far = F(view.distance - 2.0), F(view.distance + 1.6)
    trace(scene, look, camera.origin(), camera.rays(), near, far, 2 * size, light)
    rng = chance(person.seed, person.index, 2, view.number)
    truth = truth_of(person, view, camera, scene, size)
    return photograph(light, view, rng), truth


def render_jpeg(person: Identity, view: View, size: int = 96) -> tuple[bytes, dict[str, float]]:
    """The picture as JPEG bytes, and its ground truth."""
    picture, truth = render(person, view, size)
    return jpeg(picture, view.quality), truth
