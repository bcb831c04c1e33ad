"""What a running step tells: a log file, the same lines on the terminal, progress of long work."""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from facebench.errors import UserError

LOG = logging.getLogger("facebench")

T = TypeVar("T")


def log_to(path: str | Path) -> None:
    """Send this step's messages to the file `path` and to the terminal.

    A `UserError` that ends the step is logged as one sentence; any other exception with its
    traceback.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        handlers=[logging.FileHandler(path, mode="w"), logging.StreamHandler(sys.stderr)],
        force=True,
    )
    sys.excepthook = _log_exception


def _log_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, UserError):
        LOG.error("%s", error)
    else:
        LOG.critical("This step failed.", exc_info=(kind, error, trace))


class Progress:
    """Log how far a long loop is, with rate and time left, at most every `every` seconds.

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
        if done:
            LOG.info("%s of %s %s were done before; going on", f"{done:,}", f"{total:,}", what)

    def line(self, done: int) -> str:
        """Return the message for `done` finished items."""
        seconds = max(self.clock() - self.start, 1e-9)
        rate = max(done - self.skipped, 1e-9) / seconds
        left = (self.total - done) / rate
        return f"{done:,} of {self.total:,} {self.what}, {rate:,.1f}/s, {duration(left)} left"

    def step(self, n: int = 1) -> None:
        """Count `n` more finished items."""
        self.done += n
        now = self.clock()
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
