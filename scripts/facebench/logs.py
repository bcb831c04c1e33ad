"""Messages of a running step: a log file, the same lines on the terminal, progress of long work."""

import logging
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from facebench import interrupt, running, timing
from facebench.errors import UserError
from facebench.secrets import without_secrets

LOG = logging.getLogger("facebench")

#: Set while `facebench.terminal` reads the logs and writes to the terminal itself.
ENV_SCREEN = "FACEBENCH_SCREEN"

#: The level of what a step found.
RESULT = logging.INFO + 5
logging.addLevelName(RESULT, "RESULT")

#: Bytes that are left on a disk on which nothing can be written any longer.
FULL = 10**6

T = TypeVar("T")

#: What begins a message in a log file.
STAMP = re.compile(r"\d\d:\d\d:\d\d ")
#: What would move the cursor or colour a terminal, or turn the direction of writing.
COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]"
)


def log_to(path: str | Path) -> None:
    """Send this step's messages to the file `path` and to the terminal.

    Where `facebench.terminal` shows the run they go to the file alone, with all else that is
    printed from here on.

    A `UserError` that ends the step is logged as one sentence; any other exception with its
    traceback. The last line of the file says what processor time was spent on.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("")
    timing.count_from_here(path)
    handlers: list[logging.Handler] = [logging.FileHandler(path, mode="a", encoding="utf-8")]
    if os.environ.get(ENV_SCREEN):
        sys.stdout.flush()
        with open(path, "a") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
    else:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(_Marked("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    sys.excepthook = _log_exception
    interrupt.hear()
    running.join()


def report_result(text: str) -> None:
    """Leave what this step found, in a few words: the line on the finished step shows the last."""
    LOG.log(RESULT, text)


class _Marked(logging.Formatter):
    """Marks our own results, warnings and errors, for `facebench.terminal`; writes no secret.

    A message may quote names from data. None of them controls a terminal, and no line of one looks
    like a message of its own.
    """

    def format(self, record: logging.LogRecord) -> str:
        said = without_secrets(super().format(record))
        first, *more = CONTROL.sub(" ", COLOUR.sub("", said)).split("\n")
        return "\n".join([first, *(f" {line}" if STAMP.match(line) else line for line in more)])

    def formatMessage(self, record: logging.LogRecord) -> str:
        ours = record.name == LOG.name and record.levelno > logging.INFO
        mark = f"{record.levelname.lower()}: " if ours else ""
        return f"{record.asctime} {mark}{record.message}"


def _log_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, UserError):
        LOG.error("%s", error)
    elif shutil.disk_usage(".").free < FULL:  # libraries say so in many ways, or not at all
        LOG.error("The disk is full: make room and run again (%s).", kind.__name__)
    else:
        LOG.critical("This step failed.", exc_info=(kind, error, trace))


class Progress:
    """Log how far a long loop is, with rate and time left, at most every `every` seconds.

    Neither is told before a twentieth is done, and neither counts the first piece where there are
    more: it may have waited for a compilation.

    >>> progress = Progress(total=4, what="images", every=0, clock=iter([0, 2, 4]).__next__)
    >>> progress.line(2)
    '2 of 4 images, 1.0/s, 2 s left'
    """

    def __init__(
        self,
        total: int,
        what: str,
        done: int = 0,
        every: float = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total, self.what, self.done, self.every, self.clock = total, what, done, every, clock
        self.skipped = done
        self.start = self.last = clock()
        #: How many were done at the end of the first piece, and when that was.
        self.warm: tuple[int, float] | None = None
        if done:
            LOG.info("%s of %s %s were done before; going on", f"{done:,}", f"{total:,}", what)

    def line(self, done: int) -> str:
        """Return the message for `done` finished items."""
        if done - self.skipped < (self.total - self.skipped) / 20:
            return f"{done:,} of {self.total:,} {self.what}"
        before, begun = self.skipped, self.start
        if self.warm is not None and done > self.warm[0]:
            before, begun = self.warm
        seconds = max(self.clock() - begun, 1e-9)
        rate = max(done - before, 1e-9) / seconds
        left = (self.total - done) / rate
        speed = f"{rate:,.1f}/s" if rate >= 0.1 else f"{3600 * rate:,.0f}/h"
        return f"{done:,} of {self.total:,} {self.what}, {speed}, {duration(left)} left"

    def step(self, n: int = 1) -> None:
        """Count `n` more finished items."""
        self.done += n
        now = self.clock()
        self.warm = self.warm or (self.done, now)
        if now - self.last >= self.every or self.done >= self.total:
            self.last = now
            LOG.info(self.line(self.done))

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items as they are, counting each when the next is asked for."""
        for item in items:
            yield item
            self.step()


def duration(seconds: float) -> str:
    """Return a duration as people say it.

    >>> duration(7.4), duration(100), duration(7300)
    ('7 s', '2 min', '2.0 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
