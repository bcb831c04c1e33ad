"""A renderer of people who don't exist: identities and views from a seed, pictures with truth."""

from .captions import caption
from .dataset import write_people
from .identity import Identity, draw_identity
from .render import render, render_jpeg
from .table import describe, key_of, row_of
from .truth import LANDMARKS
from .view import View, draw_view

__all__ = [
    "LANDMARKS", "Identity", "View", "caption", "describe", "draw_identity", "draw_view",
    "key_of", "render", "render_jpeg", "row_of", "write_people",
]  # fmt: skip
