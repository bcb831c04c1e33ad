"""A step's log file: its progress, result, warnings, and why it failed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: What `facebench.logs.log_to` begins every message with.
STAMP = re.compile(r"^\d\d:\d\d:\d\d ", re.MULTILINE)
MARK = re.compile(r"(result|warning|error|critical|cpu): ")
#: How far a step is: `facebench.logs.Progress`, and what is said of a first batch.
PROGRESS = re.compile(r"[\d,]+ of [\d,]+ |first batch")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Message:
    """The content of a log; empty where it has none. progress: the latest, if it says how far."""

    latest: str = ""
    progress: str = ""
    result: str = ""
    warnings: tuple[str, ...] = ()
    error: str = ""


def read(paths: Iterable[str | Path], last: int | None = None) -> Message:
    """Return the content of the logs at `paths`; only their ends, `last` bytes, if given."""
    texts = []
    for path in paths:
        try:
            with open(path, "rb") as file:
                if last:
                    file.seek(max(0, file.seek(0, 2) - last))
                texts.append(file.read().decode(errors="replace"))
        except OSError:
            continue
    return understand("\n".join(texts))


def understand(text: str) -> Message:
    r"""Return the content of the text of a log.

    >>> understand("12:00:01 2 of 4 faces\n12:00:02 warning: one is dark\n12:00:03 result: 4 faces")
    Message(latest='4 faces', progress='', result='4 faces', warnings=('one is dark',), error='')
    """
    latest = result = error = ""
    warnings: list[str] = []
    for message in STAMP.split(text)[1:]:
        mark = MARK.match(message)
        said = clean(message[mark.end() :] if mark else message)
        kind = mark[1] if mark else ""
        if kind == "cpu":  # `facebench.timing`
            continue
        if kind == "result":
            result = said.partition("\n")[0]
        elif kind == "warning":
            warnings.append(said.partition("\n")[0])
        elif kind == "error":
            error = said
        elif kind == "critical":
            error = raised(said)
        latest = said.partition("\n")[0]
    progress = latest if PROGRESS.match(latest) else ""
    return Message(latest, progress, result, tuple(dict.fromkeys(warnings)), error)


def raised(text: str) -> str:
    r"""Return the exception at the end of a traceback.

    >>> raised("Failed.\nTraceback (most recent call last):\n  File 'x', line 1\nValueError: odd\n")
    'ValueError: odd'
    """
    lines = text.strip().splitlines()
    frames = [i for i, line in enumerate(lines) if line.startswith(("  ", "Traceback "))]
    return "\n".join(lines[frames[-1] + 1 if frames else 0 :]) or lines[-1].strip()


def clean(text: str) -> str:
    r"""Return `text` without what would move the cursor or colour the screen.

    >>> clean("\x1b[31mred\x1b[0m\r\n")
    'red'
    """
    return CONTROL.sub("", text).strip()
