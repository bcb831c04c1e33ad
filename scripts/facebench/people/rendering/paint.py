"""Colours (3,) changed in place."""

from facebench.people.rendering.jit import kernel


@kernel
def over(colour, other, amount):
    """Paint `other` (3,) over `colour` (3,) in place."""
    for c in range(3):
        colour[c] += amount * (other[c] - colour[c])


@kernel
def put(colour, other):
    """Copy `other` (3,) into `colour` (3,)."""
    for c in range(3):
        colour[c] = other[c]


@kernel
def scale(colour, factor):
    """Multiply `colour` (3,) in place."""
    for c in range(3):
        colour[c] *= factor
