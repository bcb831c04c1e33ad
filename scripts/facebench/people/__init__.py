"""A renderer of people who don't exist: identities and views from a seed, pictures with truth."""

from facebench.people.dataset import write_people
from facebench.people.rendering.ground_truth import LANDMARKS
from facebench.people.rendering.render import render, render_jpeg
from facebench.people.who.captions import caption
from facebench.people.who.identity import Identity, draw_identity
from facebench.people.who.metadata import describe, key_of, row_of
from facebench.people.who.view import View, draw_view

__all__ = [
    "LANDMARKS", "Identity", "View", "caption", "describe", "draw_identity", "draw_view",
    "key_of", "render", "render_jpeg", "row_of", "write_people",
]  # fmt: skip
