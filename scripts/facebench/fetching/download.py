"""Getting a file from the first of its mirrors that serves it whole."""

import http.client
import os
import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from facebench.errors import UserError
from facebench.logs import LOG, Progress
from facebench.store.records import file_sha256

CHUNK = 1 << 18

#: Times that a mirror is retried after it broke off, as long as it sends something each time.
TRIES = 5


class MirrorFailed(Exception):
    """A mirror did not give the file; the message says why."""


class BrokeOff(MirrorFailed):
    """A mirror stopped sending: the received bytes are kept, and the rest can be requested."""


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
    continues from there. A mirror is given up when it sends nothing for `timeout` seconds, or fewer
    than `slowest` bytes a second over `patience` seconds. Raises `UserError` if all mirrors fail.
    """
    part = Path(f"{path}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in urls:
        try:
            _from_mirror(url, sha256, part, timeout, slowest, patience)
        except MirrorFailed as failure:
            LOG.warning("%s: %s", url, failure)
            failures.append(f"{url}: {failure}")
        else:
            os.replace(part, path)
            return
    raise UserError(f"No mirror has it ({'; '.join(failures)}).")


def _from_mirror(url: str, sha256: str, part: Path, *limits: float) -> None:
    """Complete `part` from `url` and check its hash; once more from the start if it is wrong."""
    resumed = part.exists() and part.stat().st_size > 0
    kind = _all_of_it(url, part, *limits)
    if (found := file_sha256(part)) == sha256:
        return
    if resumed:
        LOG.info("The pieces don't fit together (sha256 %s): starting over", found)
        part.unlink()
        kind = _all_of_it(url, part, *limits)
        if (found := file_sha256(part)) == sha256:
            return
    part.unlink()
    page = ", a web page," if kind.startswith("text/html") else ""
    raise MirrorFailed(f"what it sends{page} has sha256 {found} and not {sha256}")


def _all_of_it(url: str, part: Path, *limits: float) -> str:
    """Append to `part` until the server has sent all bytes; return the content type."""
    for _ in range(TRIES):
        before = part.stat().st_size if part.exists() else 0
        try:
            return _append(url, part, *limits)
        except BrokeOff as failure:
            if (part.stat().st_size if part.exists() else 0) <= before:
                raise
            LOG.info("%s; asking for the rest", failure)
    raise MirrorFailed(f"it broke off {TRIES} times")


def _append(url: str, part: Path, timeout: float, slowest: float, patience: float) -> str:
    """Ask `url` for what `part` lacks and append it; return the content type."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "facebench", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        # The schema allows addresses of http and https only.
        request = urllib.request.Request(url, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
            start = _start(response, have)
            with open(part, "r+b" if start else "wb") as file:
                file.seek(start)
                file.truncate()
                _copy(response, file, start, slowest, patience)
            return response.headers.get("Content-Type", "")
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:
            return ""  # nothing left to send: the hash shows whether the file is complete
        raise MirrorFailed(f"HTTP {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise MirrorFailed(f"it can't be reached ({error.reason})") from None
    except (TimeoutError, ConnectionError, ssl.SSLError, http.client.HTTPException) as error:
        raise BrokeOff(f"it broke off ({error or type(error).__name__})") from None


def _start(response: Any, have: int) -> int:
    """Return the offset at which the bytes of `response` begin."""
    if response.status != 206:
        return 0  # the server doesn't resume
    span = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if span is None or int(span[1]) > have:
        raise MirrorFailed("it sends another piece than it was asked for")
    return int(span[1])


def _copy(response: Any, file: BinaryIO, start: int, slowest: float, patience: float) -> None:
    """Write `response` to `file` and log the progress."""
    length = response.headers.get("Content-Length")
    left = int(length) if length else None
    if left and left > shutil.disk_usage(os.path.dirname(file.name) or ".").free:
        raise UserError(f"There is too little room on the disk for {left / 1e9:.1f} GB more.")
    total = start + (left or 0)
    progress = Progress(total // 1000, "kB", done=start // 1000)
    since, came = time.monotonic(), 0
    while chunk := response.read1(CHUNK):
        file.write(chunk)
        came += len(chunk)
        if left:
            progress.step(file.tell() // 1000 - progress.done)
        if time.monotonic() - since > patience:
            if came < slowest * patience:
                raise MirrorFailed(f"it sent only {came / patience:,.0f} bytes a second")
            since, came = time.monotonic(), 0
    if left and file.tell() < total:
        raise BrokeOff(f"it broke off after {file.tell():,} of {total:,} bytes")
