"""Unpacking archives that may be hostile: nothing leaves its folder or fills the disk."""

import errno
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facebench.errors import UserError
from facebench.fetching.disk import room
from facebench.fetching.members import Member, Refused
from facebench.fetching.new_folder import Budget, NewFolder
from facebench.fetching.tar_members import open_tar, tar_members
from facebench.fetching.zip_members import zip_members

#: Any archive may unpack to this many bytes, however small it is.
ALWAYS_ALLOWED = 10**9

#: What Snakemake leaves in a folder that a rule has made.
MADE = ".snakemake_timestamp"

#: What a file begins with -> what it is.
BEGINNINGS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x5d\0\0": "xz",
    b"PK\3\4": "zip",
    b"PK\5\6": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\x28\xb5\x2f\xfd": "zstd",
}
#: What a tar archive has at this place, unless it is older than 1988.
USTAR, USTAR_AT = b"ustar", 257
READ = "a tar archive (plain, gz, bz2, xz)", "a zip archive"


def unpack_archive(
    archive: str | Path, folder: str | Path, ratio: float = 50, gigabytes: float = 2000
) -> int:
    """Unpack a tar (plain, gz, bz2, xz) or zip archive into the new `folder`; return the files.

    Names that are not UTF-8 are read as Latin-1 and written as UTF-8. Links that stay inside
    become second names of what they point to. Raises `UserError`, which names the member, for
    names that lead out of the folder, links that lead out or nowhere, sparse or encrypted files
    and devices; for an archive that unpacks to more than `ratio` times its size (and more than
    1 GB), to more than `gigabytes`, or to more than the disk has room for; and for one that is
    empty, damaged or cut short.
    """
    folder = Path(folder)
    folder.mkdir(parents=True)
    new = NewFolder(folder, _budget(Path(archive), folder, ratio, gigabytes))
    with _readable(archive), _members(archive) as members:
        for member in members:
            new.add(member)
        new.link_all()
    if not new.files:
        raise UserError(f"{archive} holds no files.")
    return new.files


def _budget(archive: Path, folder: Path, ratio: float, gigabytes: float) -> Budget:
    size = archive.stat().st_size
    free = room(folder)
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
    except Refused as error:
        raise UserError(f"{archive} is refused: {error}.") from None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, struct.error) as error:
        raise UserError(f"{archive} is damaged or cut short: {error}.") from error
    except NotImplementedError as error:
        raise UserError(
            f"{archive} can't be read by Python ({error}): unpack it yourself and set `folder`."
        ) from error
    except MemoryError as error:
        raise UserError(f"{archive} is refused: reading it takes too much memory.") from error
    except OSError as error:
        if error.errno is None:  # gzip's and bzip2's own
            raise UserError(f"{archive} is damaged or cut short: {error}.") from error
        full = error.errno == errno.ENOSPC
        why = "the disk is full" if full else error.strerror
        raise UserError(f"{archive} can't be unpacked: {why}.") from error
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{archive} can't be unpacked: {error}.") from error
    except Exception as error:  # zlib.error and lzma.LZMAError have no common ancestor
        if type(error).__module__ in ("zlib", "_lzma", "lzma"):
            raise UserError(f"{archive} is damaged or cut short: {error}.") from error
        raise


@contextmanager
def _members(archive: str | Path) -> Iterator[Iterator[Member]]:
    kind = kind_of(archive)
    if kind == "zip":
        with zipfile.ZipFile(archive) as file:
            yield zip_members(file)
    else:
        with open_tar(archive, kind) as tar:
            yield tar_members(tar)


def kind_of(archive: str | Path) -> str:
    """Return `zip`, or how a tar archive is compressed. Raises `UserError` for anything else."""
    with open(archive, "rb") as file:
        head = file.read(512)
    kind = next((kind for start, kind in BEGINNINGS.items() if head.startswith(start)), "")
    if kind in ("7z", "rar", "zstd"):
        raise UserError(f"{archive} is a {kind} archive: unpack it yourself and set `folder`.")
    if kind:
        return kind
    if head[USTAR_AT:].startswith(USTAR):
        return "tar"
    if zipfile.is_zipfile(archive):
        return "zip"
    if head and not head.strip(b"\0"):
        return "tar"  # an empty one
    if _is_old_tar(archive):
        return "tar"
    raise UserError(f"{archive} is neither {READ[0]} nor {READ[1]}.")


def _is_old_tar(archive: str | Path) -> bool:
    """Return whether a file begins with the header of a tar archive without a mark."""
    try:
        with open(archive, "rb") as file:
            tarfile.TarInfo.frombuf(file.read(512), "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
