"""Whose fault it is that a picture can't be read: the file's, or somebody else's."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import PIL
from PIL import UnidentifiedImageError

from facebench.errors import UserError
from facebench.pictures.files import opened

#: Errors of the system that are about one file. All others are the machine's.
OF_A_FILE = {
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG,
}  # fmt: skip

_PILLOW, _OURS = str(Path(PIL.__file__).parent), str(Path(__file__).parents[2])


class Unreadable(Exception):
    """A file that decodes and is no usable picture all the same; the message is a sentence."""


def why_unreadable(error: Exception, file: str | os.PathLike[str]) -> str:
    """Return what is wrong with a picture whose reading raised `error`, in a sentence.

    Only three kinds of error are a picture's fault: `Unreadable`, one of its path (no such file, no
    permission, ...), and what Pillow raises while it decodes a file that can be read to its end.
    All others are raised, so that the step fails instead of losing a good picture: those of the
    machine (a disk that fails, too many open files, no memory) as a `UserError` that names the file
    and the error, those of a program as they are.
    """
    if isinstance(error, Unreadable):
        return str(error)
    if _is_the_machines(error):
        raise _stopped(error, file) from error
    if isinstance(error, OSError) and error.errno in OF_A_FILE:
        return f"It can't be opened: {error.strerror}."
    if not (isinstance(error, OSError) or _raised_by_pillow(error.__traceback__)):
        raise error
    _read_to_the_end(file)
    if isinstance(error, UnidentifiedImageError):
        return "It is no picture."
    return f"It is damaged or cut short: {str(error).rstrip('.') or type(error).__name__}."


@contextmanager
def enough_memory(file: str | os.PathLike[str]) -> Iterator[None]:
    """Raise `UserError` that names the picture which too little memory was left to work on."""
    try:
        yield
    except MemoryError as error:
        raise _stopped(error, file) from error


def _is_the_machines(error: Exception) -> bool:
    if isinstance(error, OSError):
        # Pillow's own have no number. Some formats seek to where a damaged header says.
        of_the_content = error.errno == errno.EINVAL and _raised_by_pillow(error.__traceback__)
        return "out of memory" in str(error) or not (
            error.errno is None or error.errno in OF_A_FILE or of_the_content
        )
    return isinstance(error, MemoryError)


def _raised_by_pillow(trace: TracebackType | None) -> bool:
    """Return whether Pillow, and none of our own code, called what raised an error."""
    pillow = False
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith((_PILLOW, _OURS)):
            pillow = file.startswith(_PILLOW)
        trace = trace.tb_next
    return pillow


def _read_to_the_end(file: str | os.PathLike[str]) -> None:
    """Raise `UserError` if a file can't be read: some decoders take that for damage."""
    try:
        with opened(file) as stream:
            while stream.read(1 << 20):
                pass
    except OSError as error:
        if _is_the_machines(error):
            raise _stopped(error, file) from error


def _stopped(error: Exception, file: str | os.PathLike[str]) -> UserError:
    what = str(error) if isinstance(error, OSError) else "there is not enough memory"
    return UserError(
        f"{os.fspath(file)} could not be read: {what.rstrip('.')}. This is an error of the machine"
        " and says nothing about the picture, so the step stops here: run it again when the cause"
        " is gone."
    )
