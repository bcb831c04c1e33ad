"""The new folder that an archive is unpacked to: nothing gets out of it or beyond its budget."""

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from facebench.errors import UserError
from facebench.fetching.members import Member, Refused
from facebench.logs import LOG

CHUNK = 1 << 20

#: What a member costs beside its content, so that a billion empty files count as too much.
MEMBER_BYTES = 512

#: No member lies below more folders than this.
DEEPEST = 100

#: What is said of a member that the disk can't take.
WHY = {
    errno.ENAMETOOLONG: "has a name that is too long for this disk",
    errno.EISDIR: "has the name of a folder",
    errno.EEXIST: "has the name of another member",
    errno.ENOTDIR: "lies below a file",
    errno.EMLINK: "is one more link to a file than this disk allows",
    errno.ENOSPC: "doesn't fit: the disk is full",
}


@dataclass
class Budget:
    """How many bytes may still be written; the sentence says why not more."""

    left: float
    reason: str
    written: int = 0

    def check(self, n: int) -> None:
        """Raise `UserError` if `n` bytes more are too many."""
        if self.written + n > self.left:
            raise UserError(self.reason)

    def spend(self, n: int) -> None:
        """Count `n` bytes. Raises `UserError` when they are too many."""
        self.check(n)
        self.written += n


@dataclass
class NewFolder:
    """The folder `root` and how many files are in it. Of members of one name the last counts."""

    root: Path
    budget: Budget
    files: int = 0
    #: Where a link is -> what it points to, both from the root.
    links: dict[str, str] = field(default_factory=dict)

    def add(self, member: Member) -> None:
        """Put a member into the folder; a link is kept until `link_all`.

        Raises `Refused` for one that leads out of the folder or that the disk can't take,
        `UserError` when the budget is spent.
        """
        place = inside(member.name, f"the member {member.name!r}")
        self.budget.spend(max(MEMBER_BYTES, member.overhead))
        if member.kind == "special":
            raise Refused(f"the member {member.name!r} is neither a file nor a folder nor a link")
        try:
            if member.kind == "link":
                self.links[place] = target_of(place, member)
            elif member.kind == "folder":
                os.makedirs(self.root / place, exist_ok=True)
            else:
                self.write(member, place)
        except OSError as error:
            raise_why(error, member.name)

    def write(self, member: Member, place: str) -> None:
        """Write a file, counting the bytes written, whatever size the archive states."""
        self.budget.check(member.size)
        self.links.pop(place, None)
        with member.open() as source, self.new_file(place) as file:
            while chunk := source.read(CHUNK):
                self.budget.spend(len(chunk))
                file.write(chunk)

    def new_file(self, place: str) -> BinaryIO:
        """Return a new file, open for writing; its folders are made as needed."""
        path = os.path.join(self.root, place)
        self.files += 1
        try:
            return open(path, "xb")
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except FileExistsError:
            os.unlink(path)
            self.files -= 1
            LOG.warning("The archive has %r more than once: the last one counts", place)
        return open(path, "xb")

    def link_all(self) -> None:
        """Make every link a second name of the file that it leads to, through other links."""
        ends = self.ends()
        if lost := [place for place in self.links if not os.path.isfile(self.root / ends[place])]:
            names = ", ".join(map(repr, lost[:5]))
            raise Refused(f"its links lead to no file in it: {names}")
        for place, end in ends.items():
            if place == end:  # a link to itself, with the name of a file
                continue
            path = self.root / place
            try:
                os.makedirs(path.parent, exist_ok=True)
                self.files += not os.path.lexists(path)
                path.unlink(missing_ok=True)
                os.link(self.root / end, path)
            except OSError as error:
                raise_why(error, place)

    def ends(self) -> dict[str, str]:
        """Return the end of every link: its file, if there is one.

        Of a circle of links it is one of them, which is no file.
        """
        ends: dict[str, str] = {}
        for start in self.links:
            way, place = dict.fromkeys([start]), self.links[start]
            while place in self.links and place not in ends and place not in way:
                way[place] = None
                place = self.links[place]
            ends |= dict.fromkeys(way, ends.get(place, place))
        return ends


def inside(name: str, what: str) -> str:
    """Return the path of a member from the folder. Raises `Refused` where it leads out.

    >>> inside("./faces//a.jpg", "it")
    'faces/a.jpg'
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise Refused(f"{what} leads out of the folder of pictures")
    if len(parts) > DEEPEST:
        raise Refused(f"{what[:80]}... lies below more than {DEEPEST} folders")
    return "/".join(parts)


def target_of(place: str, member: Member) -> str:
    """Return what a link points to, from the folder. Raises `Refused` where that is outside."""
    target = member.target
    if not target.startswith("/"):
        target = os.path.normpath(os.path.join(os.path.dirname(place), target))
    return inside(target, f"the link {member.name!r} to {member.target!r}")


def raise_why(error: OSError, name: str) -> None:
    """Raise `Refused` for a member that the disk can't take, and all else as it is."""
    if error.errno is None:  # gzip's and others' own: the archive is damaged
        raise error
    why = WHY.get(error.errno, f"can't be written ({error.strerror})")
    raise Refused(f"the member {name[:200]!r} {why}") from None
