"""One request, whose answer comes from a thread of its own, so that no wait is endless.

The time limit of a socket is for one read. A server that sends a byte of its headers, or of a
chunk's size, now and then would hold the reader for as long as it likes.
"""

import queue
import threading
import urllib.error
import urllib.request
from http.client import HTTPMessage
from types import TracebackType
from typing import Any, NamedTuple, Self

CHUNK = 1 << 18

#: Pieces that may wait to be taken.
WAITING = 16


class Answer(NamedTuple):
    """What comes before the content."""

    status: int
    headers: HTTPMessage


class Conversation:
    """A request and what is answered: an `Answer`, then pieces of bytes.

    timeout: seconds for a connection, and for a single read. What the request fails with is raised
    where its answer, or the next piece, is asked for.
    """

    def __init__(self, request: urllib.request.Request, timeout: float) -> None:
        self.request, self.timeout = request, timeout
        self.came: queue.Queue[Any] = queue.Queue(WAITING)
        self.over = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self.receive, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.over.set()

    def answer(self, seconds: float) -> Answer:
        """Return the answer. Raises `TimeoutError` if it isn't there in so many seconds."""
        found = self.next(seconds)
        if found is None:
            raise TimeoutError(f"no answer in {seconds:.0f} s")
        return Answer(*found)

    def piece(self, seconds: float) -> bytes | None:
        """Return the next bytes: none at the end, None if nothing came in so many seconds."""
        found: bytes | None = self.next(seconds)
        return found

    def next(self, seconds: float) -> Any:
        """Return what comes next, or None; raise what the request failed with."""
        try:
            found = self.came.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None
        if isinstance(found, Exception):
            raise found
        return found

    def receive(self) -> None:
        """Ask, and pass on what is answered until nobody wants it any longer."""
        try:
            with urllib.request.urlopen(self.request, timeout=self.timeout) as response:
                wanted = self.tell((response.status, response.headers))
                while wanted and (piece := response.read1(CHUNK)):
                    wanted = self.tell(piece)
            self.tell(b"")
        except urllib.error.HTTPError as error:
            error.close()
            self.tell(error)
        except Exception as error:  # raised again by `next`
            self.tell(error)

    def tell(self, what: Any) -> bool:
        """Pass something on; return whether anybody still waits for it."""
        while not self.over.is_set():
            try:
                self.came.put(what, timeout=1)
                return True
            except queue.Full:
                continue
        return False
