"""The members of a zip archive."""

import stat
import zipfile
from collections.abc import Iterator
from functools import partial

from facebench.fetching.members import Kind, Member, Refused
from facebench.logs import LOG

#: No system has longer targets of links.
LONGEST_TARGET = 4096


def zip_members(file: zipfile.ZipFile, encoding: str = "") -> Iterator[Member]:
    """Yield the members in their order. Raises `Refused` for encrypted ones.

    encoding: the code page that the names were read in; without one, a warning says which may be
    wrong.
    """
    if not encoding and (unclear := [info for info in file.infolist() if _unclear(info)]):
        LOG.warning(
            "%s names in %s, such as %r, don't say in which code page they are: if they look wrong,"
            " set the data set's `encoding` (gbk, cp932, cp850, ...)",
            f"{len(unclear):,}",
            file.filename,
            unclear[0].filename,
        )
    for info in file.infolist():
        name = info.filename if encoding else member_name(info)
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
    if info.flag_bits & 0x800 or _unclear(info):
        return info.filename
    return info.filename.encode("cp437").decode()


def _unclear(info: zipfile.ZipInfo) -> bool:
    """Return whether a name is neither marked as UTF-8 nor can be read as such."""
    if info.flag_bits & 0x800:
        return False
    try:
        info.filename.encode("cp437").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return True
    return False
