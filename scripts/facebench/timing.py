"""What a step spends processor time on: `start`, `load`, and all else, which is `work`.

`facebench.logs.log_to` starts the count; when the step ends its log gets a line

    12:00:07 cpu: 6.5 s: start 1.1, load 3.4, work 2.0

which `tools.cpu_time` adds up over a run. User and system time of all threads, and of processes
that have ended.
"""

import atexit
import gc
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_spent: dict[str, float] = {}
_counting = threading.Lock()


def cpu() -> float:
    """Return the seconds of processor time that this process and its ended children have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def count_from_here(log: str | Path) -> None:
    """Call all time until now `start`; when the process ends, write what was used to its log."""
    if not _spent:
        _spent.update(start=cpu(), load=0.0)
        atexit.register(_tell, log)


@contextmanager
def loading() -> Iterator[None]:
    """Count what is done inside as `load`: libraries and models, whatever is loaded only to work.

    Inside of another, or beside one in another thread, it counts nothing. Garbage isn't looked for
    meanwhile: what is loaded stays, and looking through it again and again takes a fifth of it.
    """
    if not _counting.acquire(blocking=False):
        yield
        return
    before, collects = cpu(), gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
        _spent["load"] = _spent.get("load", 0.0) + cpu() - before
        _counting.release()


def _tell(log: str | Path) -> None:
    total = cpu()
    work = total - _spent["start"] - _spent["load"]
    parts = ", ".join(
        f"{what} {seconds:.2f}" for what, seconds in (*_spent.items(), ("work", work))
    )
    with open(log, "a") as file:
        file.write(f"{time.strftime('%H:%M:%S')} cpu: {total:.2f} s: {parts}\n")
    # The interpreter looks for garbage once more before it ends, which takes torch a second.
    gc.freeze()
