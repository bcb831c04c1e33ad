"""The process of one side: it runs the parts that it is asked for and says what they took.

    python -m tools.speed.serve SECTION SIDE CASE

CASE is JSON. The first line of the answer holds the names of the parts; after that, a name on a
line of the standard input is answered by a line with seconds. May run in another environment, so
nothing of facebench is imported here.
"""

import contextlib
import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

from tools.speed.sections import section_of


def main(section: str, side: str, case: str) -> None:
    """Serve until the standard input ends."""
    # What a library says on its standard output is not an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    parts = section_of(section).sides[side](**json.loads(case))
    print(json.dumps(list(parts)), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(timed(parts[line.strip()])), file=answers, flush=True)


def timed(part: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
    """Run a part; return its seconds by the clock and of the processor, and what it said."""
    start = time.perf_counter(), processor()
    said = part()
    return {
        "wall": time.perf_counter() - start[0],
        "cpu": processor() - start[1],
        "said": said or {},
    }


def processor() -> float:
    """Return the seconds of processor time of this process, all threads, and ended children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(*sys.argv[1:])
