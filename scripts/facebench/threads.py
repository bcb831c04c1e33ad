"""Work that threads do before its results are needed."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    items: Iterable[Item], work: Callable[[Item], Result], threads: int, most: int | None = None
) -> Iterator[Result]:
    """Yield `work` of every item in order, computed ahead by `threads` threads.

    most: how many results may wait; `threads + 1` unless it is given.

    >>> list(ahead("abc", str.upper, threads=2))
    ['A', 'B', 'C']
    """
    most = threads + 1 if most is None else most
    with ThreadPoolExecutor(threads, thread_name_prefix="ahead") as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
