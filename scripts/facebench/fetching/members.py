"""A member of an archive, whatever its format, and what is said of one that is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Literal

Kind = Literal["file", "folder", "link", "special"]


class Refused(Exception):
    """What an archive asks for is never done. The message goes on from "<archive> is refused: "."""


@dataclass(frozen=True)
class Member:
    """A member: `size` bytes of content as stated, `overhead` bytes of headers before it.

    target: what a link points to, from the link's folder, or absolute.
    """

    name: str
    kind: Kind
    size: int
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    target: str = ""
    overhead: int = 0
