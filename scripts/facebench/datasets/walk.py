"""The files in a folder of pictures, as all readers see them.

Standard library only: the workflow asks this before it plans a job.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from facebench.errors import UserError
from facebench.logs import LOG
from facebench.texts import counted, one_line

#: Left behind by file managers, in lower case; so is everything whose name begins with a dot.
SYSTEM_NAMES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir"}

#: Names of most photographs end so.
PHOTOGRAPHS = (".jpg", ".jpeg", ".png", ".heic", ".webp", ".tif", ".tiff")
#: Why a picture that lies outside of all folders of people is nobody's.
NOBODY = "It is in no person's folder."


def nobody_in(root: str | Path) -> str:
    """Return the sentence for a folder in which nobody has a folder.

    >>> nobody_in("photos")
    "photos has no folder for a person: put each one's photographs into photos/<name>/."
    """
    return f"{root} has no folder for a person: put each one's photographs into {root}/<name>/."


def nobody_there(folders: Sequence[str], most: int = 5) -> str:
    """Return the sentence on folders of people that hold no picture.

    >>> nobody_there(["Ann"])
    '1 folder holds no picture, so that nobody in there takes part: Ann'
    """
    count = counted(len(folders), "folder holds", "folders hold")
    names = ", ".join(map(one_line, folders[:most]))
    more = f" and {len(folders) - most:,} more" if len(folders) > most else ""
    return f"{count} no picture, so that nobody in there takes part: {names}{more}"


def no_people(root: Path) -> bool:
    """Return whether a folder holds pictures by their names, and no folder."""
    with os.scandir(root) as entries:
        seen = [e for e in entries if not e.name.startswith(".")]
    seen = [entry for entry in seen if entry.name.lower() not in SYSTEM_NAMES]
    named = any(entry.name.lower().endswith(PHOTOGRAPHS) for entry in seen)
    return named and not any(map(_is_folder, seen))


def files_in(root: Path, empty: list[str] | None = None) -> list[str]:
    """Return the paths of all files below `root`, relative to it and sorted.

    Links are followed. Hidden files and folders and those of file managers are left alone, and
    counted in the log. Folders that hold no file are appended to `empty`, the outermost ones alone.
    Raises `UserError` for a folder that can't be read.
    """
    if not root.is_dir():
        raise UserError(f"{root} is not a folder of pictures.")
    skipped: list[str] = []
    without: list[str] = []
    found = sorted(printable(path) for path in walk(root, skipped, without))
    if skipped:
        few = ", ".join(one_line(printable(path)) for path in sorted(skipped)[:5])
        LOG.info("%s hidden or system files and folders: left alone: %s", f"{len(skipped):,}", few)
    if empty is not None:
        outermost = [path for path in without if os.path.dirname(path) not in without]
        empty += sorted(map(printable, outermost))
    return found


def walk(root: str | Path, skipped: list[str], without: list[str] | None = None) -> Iterator[str]:
    """Yield the path of every file below `root`, in no order; what is left alone is `skipped`.

    without: folders in which there is no file, nor in any folder below, are appended to it.
    """
    yield from _walk(os.fspath(root), "", frozenset(), skipped, [] if without is None else without)


def _walk(
    root: str,
    folder: str,
    above: frozenset[tuple[int, int]],
    skipped: list[str],
    without: list[str],
) -> Iterator[str]:
    place = os.path.join(root, folder)
    try:
        there = os.stat(place)
        itself = (there.st_dev, there.st_ino)
        if itself in above:
            return  # a link to a folder that contains it
        with os.scandir(place) as listed:
            entries = list(listed)
    except OSError as error:
        raise UserError(f"The folder {place} can't be read: {error.strerror}.") from None
    above |= {itself}
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.name == ".snakemake_timestamp":
            continue
        if entry.name.startswith(".") or entry.name.lower() in SYSTEM_NAMES:
            skipped.append(path)
        elif _is_folder(entry):
            some = False
            for file in _walk(root, path, above, skipped, without):
                some = True
                yield file
            if not some:
                without.append(path)
        else:
            yield path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder; a link to itself, or to what is locked, is a file."""
    try:
        return entry.is_dir()
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR, errno.EACCES, errno.ENAMETOOLONG):
            raise UserError(f"{entry.path} can't be read: {error.strerror}.") from error
        return False


def printable(path: str) -> str:
    r"""Return `path` as valid Unicode: bytes that are none become \x escapes.

    >>> printable("Jos" + chr(0xDCE9)) == r"Jos\xe9"
    True
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")
