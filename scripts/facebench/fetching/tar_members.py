"""The members of a tar archive; what tarfile reads before it hands a member over is bounded."""

import lzma
import os
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

from facebench.fetching.members import Kind, Member, Refused

#: The most that a header may hold beside its 512 bytes: a long name, or the facts of pax.
HEADER_BYTES = 1 << 16

#: The most headers before one member, and facts that hold for all members.
HEADERS_IN_A_ROW, GLOBAL_FACTS = 8, 1000

#: Memory that decompressing an xz archive may take, in bytes; `xz -9` needs 65 MB.
XZ_MEMORY = 256 << 20

LONG = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
SPARSE = "it has sparse files, which data sets of pictures don't need; pack it without them"


class _Header(tarfile.TarInfo):
    """A header that is checked before what belongs to it is read into memory.

    A broken or missing one is an error: tarfile takes it for the end.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0:
            raise Refused(f"a header states a size of {header.size} bytes")
        if header.type in LONG and header.size > HEADER_BYTES:
            raise Refused(f"a header states {header.size:,} bytes for a name and its facts")
        if header.type == tarfile.GNUTYPE_SPARSE:
            raise Refused(SPARSE)
        return header

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        archive: Any = tarfile_
        archive.in_a_row += 1  # tarfile calls this for what follows a long name
        try:
            if archive.in_a_row > HEADERS_IN_A_ROW:
                raise Refused(f"more than {HEADERS_IN_A_ROW} headers come before a member")
            return super().fromtarfile(tarfile_)
        except tarfile.HeaderError as error:
            if type(error).__name__ == "EOFHeaderError":  # the mark at the end
                raise
            raise tarfile.ReadError(f"{error} where a member or the end should be") from None
        finally:
            archive.in_a_row -= 1

    def _proc_gnusparse_10(self, *_: object) -> None:
        """Refuse what tarfile would read now: a list of any length."""
        raise Refused(SPARSE)


class _Archive(tarfile.TarFile):
    tarinfo = _Header
    in_a_row = 0


#: How an archive is opened, by how it is compressed.
OPENERS: dict[str, Any] = {
    "tar": _Archive.taropen,
    "gzip": _Archive.gzopen,
    "bzip2": _Archive.bz2open,
    "xz": _Archive.xzopen,
}


def open_tar(archive: str | Path, compression: str) -> tarfile.TarFile:
    """Return the open archive. Raises `Refused`, and what tarfile raises for a damaged one."""
    if compression == "xz":
        _check_memory(archive)
    opened: tarfile.TarFile = OPENERS[compression](
        str(archive), "r", encoding="utf-8", errors="surrogateescape"
    )
    return opened


def _check_memory(archive: str | Path) -> None:
    with open(archive, "rb") as file:
        head = file.read(1024)
    try:
        lzma.LZMADecompressor(memlimit=XZ_MEMORY).decompress(head, max_length=1)
    except lzma.LZMAError as error:
        if "emory" in str(error):
            raise Refused(f"decompressing it takes more than {XZ_MEMORY >> 20} MB") from None


def tar_members(tar: tarfile.TarFile) -> Iterator[Member]:
    """Yield the members in their order; each must be read before the next is asked for."""
    end = 0
    while (info := tar.next()) is not None:
        vars(tar)["members"].clear()  # else millions of pictures take gigabytes of memory
        if info.issparse():
            raise Refused(SPARSE)
        if info.size < 0:  # pax can change it
            raise Refused(f"a header states a size of {info.size} bytes")
        if len(tar.pax_headers) > GLOBAL_FACTS:
            raise Refused("it states too many facts for all of its members")
        kind: Kind = (
            "file" if info.isreg()
            else "folder" if info.isdir()
            else "link" if info.islnk() or info.issym()
            else "special"
        )  # fmt: skip
        name, target = readable_name(info.name), readable_name(info.linkname)
        if info.islnk():  # hard links name members from the top, symbolic ones from where they are
            parent = PurePosixPath(name).parent
            target = "/" * target.startswith("/") + os.path.relpath(target or ".", parent)
        overhead, end = info.offset_data - end, tar.offset
        yield Member(name, kind, info.size, partial(_open, tar, info), target, overhead)


def _open(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(info)
    assert file is not None, "only called for regular files"
    return file


def readable_name(name: str) -> str:
    """Return a name that can be written as UTF-8.

    >>> readable_name("Jos" + chr(0xDCE9))
    'José'
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape").decode("latin-1")
    return name
