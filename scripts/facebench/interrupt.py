"""Ctrl-C: a run ends with a sentence, whenever it comes, and no step with a traceback.

Python raises KeyboardInterrupt wherever it happens to be, and libraries swallow it in places. So
that a run was stopped is kept here, and told to steps that haven't begun (`facebench.running`).
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from facebench import running

#: Set where the steps of a run don't hear Ctrl-C before `hear`.
ENV_DEAF = "FACEBENCH_DEAF"
#: What a step's command begins with: until its messages go to its log, it would print a traceback.
DEAF = "trap '' INT; "


def without_traceback(say: Callable[[], None]) -> None:
    """Let a Ctrl-C that ends this process, or comes as it ends, call `say` and show no trace."""
    before, before_ignored = sys.excepthook, sys.unraisablehook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)
        else:
            say()

    def ignored(what: Any) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            before_ignored(what)

    sys.excepthook, sys.unraisablehook = hook, ignored


def listen(stopped: Callable[[], None]) -> bool:
    """Call `stopped` at a Ctrl-C, then raise KeyboardInterrupt; return whether that can be.

    It can't in a process that was told to ignore the signal, nor in a thread. `stopped` must not
    write: what it interrupts may be writing.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return False

    def handle(number: int, frame: FrameType | None) -> None:
        stopped()
        running.note(stopping=True)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, handle)
    without_traceback(lambda: None)
    os.environ[ENV_DEAF] = "1"
    return True


def hear() -> None:
    """Let a step, which was deaf to Ctrl-C so far, be ended by it."""
    if os.environ.get(ENV_DEAF):
        signal.signal(signal.SIGINT, signal.default_int_handler)
