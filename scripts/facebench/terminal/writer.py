"""Lines on a terminal, with one at the bottom that changes; plain lines anywhere else."""

import os
from collections.abc import Mapping
from typing import TextIO

CLEAR = "\r\x1b[K"
COLOURS = {"[": "\x1b[32m", "warning:": "\x1b[33m", "failed:": "\x1b[31m"}


class Writer:
    """Where the lines of a run go. Only one of them may write to a stream."""

    def __init__(self, stream: TextIO, environ: Mapping[str, str] = os.environ) -> None:
        self.stream = stream
        #: Whether the line at the bottom can be rewritten.
        self.live = stream.isatty() and environ.get("TERM") != "dumb"
        self.colours = self.live and not environ.get("NO_COLOR")
        self.bottom = ""

    def line(self, text: str) -> None:
        """Write a line that stays."""
        self.stream.write(f"{CLEAR if self.bottom else ''}{self.coloured(text)}\n")
        if self.bottom:
            self.stream.write(self.bottom)
        self.stream.flush()

    def status(self, text: str) -> None:
        """Put `text` in place of the line at the bottom, or on a line where that is impossible."""
        if not self.live:
            if text:
                self.line(text)
            return
        text = cut(text, self.width() - 1)
        if text != self.bottom:
            self.stream.write(CLEAR + text)
            self.stream.flush()
            self.bottom = text

    def width(self) -> int:
        """Return how many characters the terminal shows in a line."""
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def coloured(self, text: str) -> str:
        """Return `text` with its first word in a colour, where that is wanted."""
        for start, colour in COLOURS.items():
            if self.colours and text.startswith(start):
                end = text.index("]") + 1 if start == "[" else len(start)
                return f"{colour}{text[:end]}\x1b[0m{text[end:]}"
        return text


def cut(text: str, width: int) -> str:
    """Return `text`, at most `width` characters long.

    >>> cut("a long line", 8), cut("short", 8)
    ('a lon...', 'short')
    """
    return text if len(text) <= width else f"{text[: max(0, width - 3)]}..."
