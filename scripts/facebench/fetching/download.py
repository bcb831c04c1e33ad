"""Getting a file from the first of its mirrors that serves it whole."""

import errno
import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from facebench.errors import UserError
from facebench.fetching.conversation import Answer, Conversation
from facebench.fetching.disk import room
from facebench.fetching.mirror import BrokeOff, MirrorFailed, failure_of, request_for
from facebench.logs import LOG, Progress, duration
from facebench.secrets import without_secrets
from facebench.store.atomic import replace
from facebench.store.records import file_sha256

#: Times that a mirror is retried after it broke off, as long as it sends something each time.
TRIES = 5

#: Seconds before the mirrors are asked again that may only be busy.
PAUSES = (2, 5, 15)

#: What the disk says when it is full.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Patience(NamedTuple):
    """Seconds for a single read; bytes a second that must come over `window` seconds."""

    timeout: float
    slowest: float
    window: float


def download(
    urls: Sequence[str],
    sha256: str,
    path: Path,
    timeout: float = 30,
    slowest: float = 1000,
    patience: float = 60,
) -> None:
    """Put the file that hashes to `sha256` at `path`, from the first of `urls` that has it.

    What arrives is kept in `<path>.part`, also when the process is killed, and the next call
    continues from there. A mirror is given up when it sends nothing for `timeout` seconds, fewer
    than `slowest` bytes a second over `patience` seconds, or more than the disk has room for. When
    all have failed, those that may only be busy are asked again after a pause, or when they say.
    Raises `UserError` if all mirrors fail.
    """
    part = Path(f"{path}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    limits = Patience(timeout, slowest, patience)
    failures: dict[str, MirrorFailed] = {}
    asked = list(dict.fromkeys(urls))
    for pause in (*PAUSES, None):
        for url in asked:
            try:
                _from_mirror(url, sha256, part, limits)
            except MirrorFailed as failure:
                LOG.warning("%s: %s", without_secrets(url), failure)
                failures[url] = failure
            else:
                replace(part, path)
                return
        asked = [url for url in asked if failures[url].again]
        if pause is None or not asked:
            break
        wait = max(pause, min(failures[url].wait for url in asked))
        LOG.info("Asking again in %s", duration(wait))
        time.sleep(wait)
    told = "; ".join(f"{without_secrets(url)}: {failure}" for url, failure in failures.items())
    raise UserError(f"No mirror has it ({told}).")


def _from_mirror(url: str, sha256: str, part: Path, limits: Patience) -> None:
    """Complete `part` from `url` and check its hash; once more from the start if it is wrong."""
    resumed = part.exists() and part.stat().st_size > 0
    kind = _all_of_it(url, part, limits)
    if (found := file_sha256(part)) == sha256:
        return
    if resumed:
        LOG.info("The pieces don't fit together (sha256 %s): starting over", found)
        part.unlink()
        kind = _all_of_it(url, part, limits)
        if (found := file_sha256(part)) == sha256:
            return
    part.unlink()
    page = ", a web page," if kind.startswith("text/html") else ""
    raise MirrorFailed(f"what it sends{page} has sha256 {found} and not {sha256}")


def _all_of_it(url: str, part: Path, limits: Patience) -> str:
    """Append to `part` until the server has sent all bytes; return the content type."""
    for _ in range(TRIES):
        before = part.stat().st_size if part.exists() else 0
        try:
            return _append(url, part, limits)
        except BrokeOff as failure:
            if (part.stat().st_size if part.exists() else 0) <= before:
                raise
            LOG.info("%s; asking for the rest", failure)
    raise BrokeOff(f"it broke off {TRIES} times")


def _append(url: str, part: Path, limits: Patience) -> str:
    """Ask `url` for what `part` lacks and append it; return the content type."""
    have = part.stat().st_size if part.exists() else 0
    with Conversation(request_for(url, have), limits.timeout) as talk:
        try:
            answer = talk.answer(max(limits.timeout, limits.window))
        except Exception as error:
            if getattr(error, "code", None) == 416 and have:
                return ""  # nothing left to send: the hash shows whether the file is complete
            raise failure_of(error) from None
        start, left = _start(answer, have), _left(answer, part.parent)
        try:
            with open(part, "r+b" if start else "wb") as file:
                file.seek(start)
                file.truncate()
                _copy(talk, file, start, left, limits)
        except OSError as error:
            _cut_back(part, start)
            if error.errno in FULL:
                raise MirrorFailed("it sends more than the disk has room for") from None
            raise UserError(f"{part} can't be written: {error.strerror}.") from error
        return answer.headers.get("Content-Type") or ""


def _start(answer: Answer, have: int) -> int:
    """Return the offset at which the bytes of the answer begin."""
    if answer.status != 206:
        return 0  # the server doesn't resume
    span = re.match(r"bytes ([0-9]{1,20})-", answer.headers.get("Content-Range") or "")
    if span is None or int(span[1]) > have:
        raise MirrorFailed("it sends another piece than it was asked for")
    return int(span[1])


def _left(answer: Answer, folder: Path) -> int | None:
    """Return how many bytes the answer says will come; None if it doesn't say."""
    length = answer.headers.get("Content-Length")
    if length is None:
        return None
    if not re.fullmatch(r"[0-9]{1,20}", length.strip()):
        raise MirrorFailed("its Content-Length is no number")
    if int(length) > room(folder):
        raise MirrorFailed(
            f"it says that {int(length):,} bytes come, more than the disk has room for"
        )
    return int(length)


def _copy(
    talk: Conversation, file: BinaryIO, start: int, left: int | None, limits: Patience
) -> None:
    """Write what comes to `file` and log the progress."""
    total, folder = start + (left or 0), os.path.dirname(file.name) or "."
    progress = Progress(total // 1000, "kB", done=start // 1000)
    window, came = time.monotonic() + limits.window, 0
    while True:
        try:
            piece = talk.piece(window - time.monotonic())
        except Exception as error:
            raise failure_of(error) from None
        if piece == b"":
            break
        if piece:
            if len(piece) > room(folder):
                raise OSError(errno.ENOSPC, "the rest of the disk is kept free")
            file.write(piece)
            came += len(piece)
            if left:
                progress.step(file.tell() // 1000 - progress.done)
        if time.monotonic() >= window:
            if came < limits.slowest * limits.window:
                speed = came / limits.window
                raise MirrorFailed(f"it sent only {speed:,.0f} bytes a second", again=True)
            window, came = time.monotonic() + limits.window, 0
    if left and file.tell() < total:
        raise BrokeOff(f"it broke off after {file.tell():,} of {total:,} bytes")


def _cut_back(part: Path, size: int) -> None:
    """Leave the first `size` bytes of `part`; nothing of it if that is 0."""
    with suppress(OSError):
        os.truncate(part, size)
        if not size:
            part.unlink()
