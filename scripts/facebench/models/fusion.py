"""A fusion of two models: its vectors are made of theirs, and no network is loaded.

`facebench.vectors.fused` says how, and `scripts/fuse.py` does it.
"""

from facebench.errors import UserError
from facebench.models.encoder import Encoder


def load(of: list[str], **_: object) -> Encoder:
    """Raise `UserError`: it has no network of its own."""
    raise UserError(f"A fusion of {' and '.join(of)} sees no picture itself: ask these models.")


def parameters(**_: object) -> tuple[int, int]:
    """Return 0 and 0: all that it has is its models'."""
    return 0, 0
