"""Unpacking archives that may be hostile: nothing leaves its folder or fills the disk."""

import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Literal, Self

from facebench.errors import UserError
from facebench.logs import LOG

CHUNK = 1 << 20

#: What a member costs beside its content, so that a billion empty files count as too much.
MEMBER_BYTES = 512

#: Any archive may unpack to this many bytes, however small it is.
ALWAYS_ALLOWED = 10**9

#: What Snakemake leaves in a folder that a rule has made.
MADE = ".snakemake_timestamp"


@dataclass(frozen=True)
class Member:
    """A member of an archive, whatever its format."""

    name: str
    kind: Literal["file", "folder", "link", "special"]
    size: int
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    target: str = ""


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


def unpack_archive(
    archive: str | Path,
    folder: str | Path,
    ratio: float = 50,
    gigabytes: float = 2000,
    encoding: str = "",
) -> int:
    """Unpack a tar (plain, gz, bz2, xz) or zip archive into the new `folder`; return the files.

    Names are written as UTF-8. Those that don't say what they are in are read as `encoding`; where
    that isn't given and they aren't UTF-8, as Latin-1 (tar) or cp437 (zip). Links that stay inside
    become second names of what they point to. Raises `UserError`, which names the member, for
    names that lead out of the folder, links that lead out or nowhere and devices; for an archive
    that unpacks to more than `ratio` times its size (and more than 1 GB), to more than
    `gigabytes`, or to more than the disk has room for; and for one that is damaged or cut short.
    """
    folder = Path(folder)
    folder.mkdir(parents=True)
    budget = _budget(Path(archive), folder, ratio, gigabytes)
    files, links = 0, []
    with _readable(archive), _members(archive, encoding) as members:
        for member in members:
            path = _inside(folder, member.name, f"the member {member.name!r}", archive)
            budget.spend(MEMBER_BYTES)
            if member.kind == "special":
                raise UserError(
                    f"{archive} is refused: the member {member.name!r} is neither a file nor a"
                    " folder nor a link."
                )
            if member.kind == "link":
                links.append((path, _target(folder, path, member, archive), member.name))
            elif member.kind == "folder":
                path.mkdir(parents=True, exist_ok=True)
            else:
                _write(member, path, budget)
                files += 1
    _link(links, archive)
    return files + len(links)


def _budget(archive: Path, folder: Path, ratio: float, gigabytes: float) -> Budget:
    size = archive.stat().st_size
    free = shutil.disk_usage(folder).free
    limits = {
        max(ALWAYS_ALLOWED, ratio * size): f"more than {ratio:g} times its size"
        " (limits.unpacked_ratio)",
        gigabytes * 1e9: f"more than {gigabytes:g} GB (limits.unpacked_gb)",
        free: f"more than the {free / 1e9:.1f} GB that the disk has room for",
    }
    left = min(limits)
    return Budget(left, f"{archive} is refused: it unpacks to {limits[left]}.")


@contextmanager
def _readable(archive: str | Path) -> Iterator[None]:
    """Turn what libraries raise for a damaged archive into a sentence."""
    try:
        yield
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise UserError(f"{archive} is damaged or cut short: {error}.") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError(f"{archive} can't be unpacked: {error}.") from error
    except Exception as error:  # zlib.error and lzma.LZMAError have no common ancestor
        if type(error).__module__ in ("zlib", "_lzma", "lzma"):
            raise UserError(f"{archive} is damaged: {error}.") from error
        raise


@contextmanager
def _members(archive: str | Path, encoding: str) -> Iterator[Iterator[Member]]:
    with ExitStack() as stack:
        try:
            tar = stack.enter_context(
                tarfile.open(
                    archive,
                    "r:*",
                    None,
                    tarinfo=_Strict,
                    encoding=encoding or "utf-8",
                    errors="surrogateescape",
                )
            )
        except tarfile.ReadError:
            if not zipfile.is_zipfile(archive):
                raise UserError(
                    f"{archive} is neither a tar archive (plain, gz, bz2, xz) nor a zip archive."
                ) from None
            file = zipfile.ZipFile(archive, metadata_encoding=encoding or None)
            yield _zip_members(stack.enter_context(file), encoding)
        else:
            yield _tar_members(tar)


class _Strict(tarfile.TarInfo):
    """A member whose broken or missing header is an error: tarfile takes one for the end."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.HeaderError as error:
            if type(error).__name__ == "EOFHeaderError":  # the mark at the end
                raise
            raise tarfile.ReadError(f"{error} in the header of a file in it") from None


def _tar_members(tar: tarfile.TarFile) -> Iterator[Member]:
    while (info := tar.next()) is not None:
        vars(tar)["members"].clear()  # else millions of pictures take gigabytes of memory
        kind: Literal["file", "folder", "link", "special"] = (
            "file" if info.isreg()
            else "folder" if info.isdir()
            else "link" if info.islnk() or info.issym()
            else "special"
        )  # fmt: skip
        target = _readable_name(info.linkname)
        if info.islnk():  # hard links name members from the top, symbolic ones from where they are
            target = "/" * target.startswith("/") + os.path.relpath(
                target, PurePosixPath(_readable_name(info.name)).parent
            )
        yield Member(
            _readable_name(info.name), kind, info.size, partial(_open_tar, tar, info), target
        )


def _open_tar(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(info)
    assert file is not None, "only called for regular files"  # noqa: S101 (tells mypy)
    return file


def _readable_name(name: str) -> str:
    """Return a name that can be written as UTF-8.

    >>> _readable_name("Jos" + chr(0xDCE9))
    'José'
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape").decode("latin-1")
    return name


def _zip_members(file: zipfile.ZipFile, encoding: str) -> Iterator[Member]:
    if not encoding and (unclear := [info for info in file.infolist() if _unclear(info)]):
        LOG.warning(
            "%s names in %s, such as %r, don't say in which code page they are: if they look wrong,"
            " set the data set's `encoding` (gbk, cp932, cp850, ...)",
            f"{len(unclear):,}",
            file.filename,
            unclear[0].filename,
        )
    for info in file.infolist():
        mode = info.external_attr >> 16
        kind: Literal["file", "folder", "link", "special"] = (
            "folder" if info.is_dir()
            else "link" if stat.S_ISLNK(mode)
            else "special" if stat.S_IFMT(mode) not in (0, stat.S_IFREG)
            else "file"
        )  # fmt: skip
        target = ""
        if kind == "link":
            target = file.read(info).decode("utf-8", "replace") if info.file_size < 4096 else "/"
        name = info.filename if encoding else _zip_name(info)
        yield Member(name, kind, info.file_size, partial(file.open, info), target)


def _zip_name(info: zipfile.ZipInfo) -> str:
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


def _inside(folder: Path, name: str, what: str, archive: str | Path) -> Path:
    """Return where in `folder` a member goes. Raises `UserError` where that is outside."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise UserError(f"{archive} is refused: {what} leads out of the folder of pictures.")
    return folder.joinpath(*parts)


def _target(folder: Path, path: Path, member: Member, archive: str | Path) -> Path:
    """Return what a link points to, which must be inside `folder`."""
    if member.target.startswith("/"):
        name = member.target
    else:
        name = os.path.normpath(os.path.join(os.path.relpath(path.parent, folder), member.target))
    return _inside(folder, name, f"the link {member.name!r} to {member.target!r}", archive)


def _write(member: Member, path: Path, budget: Budget) -> None:
    """Write a file, counting the bytes written, whatever size the archive states."""
    budget.check(member.size)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        LOG.warning("The archive has %r more than once: the last one counts", member.name)
        path.unlink()
    with member.open() as source, open(path, "xb") as file:
        while chunk := source.read(CHUNK):
            budget.spend(len(chunk))
            file.write(chunk)


def _link(links: list[tuple[Path, Path, str]], archive: str | Path) -> None:
    """Make links second names of their files; a link to a link has to wait for that."""
    while links:
        ready: list[tuple[Path, Path, str]] = []
        waiting: list[tuple[Path, Path, str]] = []
        for link in links:
            (ready if link[1].is_file() else waiting).append(link)
        if not ready:
            names = ", ".join(repr(name) for _, _, name in links[:5])
            raise UserError(f"{archive} is refused: its links lead to no file in it: {names}.")
        for path, target, _ in ready:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.resolve() != target.resolve():
                path.unlink(missing_ok=True)
                os.link(target, path)
        links = waiting
