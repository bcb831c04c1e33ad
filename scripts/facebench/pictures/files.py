"""Where the bytes of a picture are: in a file of its own, or inside one that is never unpacked.

A picture in a tar has the path `.../00000.tar/000000000.jpg`, one in a Parquet file that of
`facebench.pictures.parquet_rows`. All that opens pictures does so by `source` or `opened`, so that
nothing else knows of these. Standard library only, but where Parquet is read.
"""

import io
import os
import posixpath
import tarfile
from functools import lru_cache
from threading import Lock
from typing import IO, NamedTuple

from facebench.datasets.walk import printable
from facebench.errors import UserError
from facebench.pictures.parquet_rows import PARQUET, picture

#: The end of a tar's name.
TAR = ".tar"
#: Tars whose members are remembered: pictures are read in their order, a few ahead. Ten thousand
#: pictures with caption and JSON take 9 MB.
KEPT = 4
#: What the files begin with that were compressed: gzip, bzip2, xz, Zstandard.
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")

_SCANNING = Lock()


class Span(NamedTuple):
    """Where a member's bytes are in its tar."""

    offset: int
    size: int


def source(path: str | os.PathLike[str]) -> str | os.PathLike[str] | io.BytesIO:
    """Return what Pillow can open: the path of a file of its own, or a member's bytes in memory.

    Raises `FileNotFoundError` where a tar, or a Parquet file, has no such member, and `UserError`
    for one that is gone, cut short, damaged or compressed.
    """
    if (inside := container_of(path, PARQUET)) is not None:
        return io.BytesIO(picture(*inside))
    found = tar_of(path)
    if found is None:
        return path
    tar, name = found
    span = members(tar).get(name)
    if span is None:
        raise FileNotFoundError(2, "No such file in the tar", os.fspath(path))
    with open(tar, "rb") as file:
        return io.BytesIO(read_span(file, span))


def opened(path: str | os.PathLike[str]) -> io.BufferedReader | io.BytesIO:
    """Return a picture's bytes as an open file; raises as `source` does."""
    found = source(path)
    return found if isinstance(found, io.BytesIO) else open(found, "rb")


def content(path: str | os.PathLike[str]) -> bytes:
    """Return a picture's bytes; raises as `source` does."""
    with opened(path) as file:
        return file.read()


def state(path: str | os.PathLike[str]) -> os.stat_result:
    """Return what the system says of the file that a picture is, or that it is in."""
    found = container_of(path, PARQUET) or tar_of(path)
    return os.stat(path) if found is None else _looked_at(found[0])


def tar_of(path: str | os.PathLike[str]) -> tuple[str, str] | None:
    """Return the tar that a picture is in, and its name there; None for a file of its own."""
    return container_of(path, TAR)


def container_of(path: str | os.PathLike[str], ending: str) -> tuple[str, str] | None:
    """Return the file that a picture is in, which ends so, and the picture's name there.

    None for a picture in none. A folder may be called like such a file.
    """
    text = os.fspath(path)
    end = text.find(f"{ending}/")
    while end >= 0:
        file, name = text[: end + len(ending)], text[end + len(ending) + 1 :]
        if not os.path.isdir(file):
            return file, name
        end = text.find(f"{ending}/", end + 1)
    return None


def members(tar: str | os.PathLike[str]) -> dict[str, Span]:
    """Return where each file in a tar is, by its name, without what is no plain file.

    The headers of a tar are read once a process, unless it changes. Of two files with one name the
    later one counts, as when a tar is unpacked. Raises `UserError` for a tar that can't be used.
    """
    there = _looked_at(tar)
    with _SCANNING:  # else every thread would read the headers of a new tar
        return _scanned(os.fspath(tar), there.st_size, there.st_mtime_ns)


def read_span(tar: IO[bytes], span: Span) -> bytes:
    """Return a member's bytes from its open tar."""
    tar.seek(span.offset)
    data = tar.read(span.size)
    if len(data) < span.size:
        raise UserError(f"{tar.name} became shorter while it was read: run again.")
    return data


def _looked_at(tar: str | os.PathLike[str]) -> os.stat_result:
    try:
        return os.stat(tar)
    except FileNotFoundError:
        raise UserError(f"{tar} is gone, with the pictures in it: run again.") from None


@lru_cache(KEPT)
def _scanned(tar: str, size: int, changed: int) -> dict[str, Span]:
    """Return the members of a tar; its size and time are a part of what is remembered."""
    found = {}
    with open(tar, "rb") as file:
        if file.read(8).startswith(COMPRESSED):
            raise compressed(tar)
        file.seek(0)
        try:
            with tarfile.open(fileobj=file, mode="r:") as archive:
                while (member := archive.next()) is not None:
                    vars(archive)["members"].clear()  # or it would keep them all
                    if member.isreg() and not member.issparse():
                        name = posixpath.normpath(printable(member.name)).lstrip("/")
                        found[name] = Span(member.offset_data, member.size)
                ended = _ends(file, archive.offset)
        except tarfile.TarError as error:
            raise UserError(_damaged(tar, str(error))) from error
    if not ended:
        raise UserError(_damaged(tar, "its end is missing"))
    return found


def compressed(tar: str | os.PathLike[str]) -> UserError:
    """Return the error for a tar that is compressed as a whole."""
    return UserError(
        f"{tar} is compressed, so no picture in it can be read without all before it: unpack it to"
        " a plain tar, for example by gunzip."
    )


def _ends(file: IO[bytes], offset: int) -> bool:
    """Return whether a block of zeros, which ends a tar, is where no further member was found."""
    file.seek(offset)
    return file.read(tarfile.BLOCKSIZE) == bytes(tarfile.BLOCKSIZE)


def _damaged(tar: str, why: str) -> str:
    return f"{tar} is no tar, or cut short or damaged ({why}): fetch it again, or remove it."
