"""The members of a zip archive."""

import stat
import zipfile
from collections.abc import Iterator
from functools import partial

from facebench.fetching.members import Kind, Member, Refused

#: No system has longer targets of links.
LONGEST_TARGET = 4096


def zip_members(file: zipfile.ZipFile) -> Iterator[Member]:
    """Yield the members in their order. Raises `Refused` for encrypted ones."""
    for info in file.infolist():
        name = member_name(info)
        if info.flag_bits & 0x1:
            raise Refused(f"the member {name!r} is encrypted; unpack it yourself and set `folder`")
        mode = info.external_attr >> 16
        kind: Kind = (
            "folder" if info.is_dir()
            else "link" if stat.S_ISLNK(mode)
            else "special" if stat.S_IFMT(mode) not in (0, stat.S_IFREG)
            else "file"
        )  # fmt: skip
        target = ""
        if kind == "link":
            short = info.file_size < LONGEST_TARGET
            target = file.read(info).decode("utf-8", "replace") if short else "/"
        yield Member(name, kind, info.file_size, partial(file.open, info), target)


def member_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a member; many tools write UTF-8 without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename
