"""Work that threads do ahead of whoever asks for it."""

import threading
import time

import pytest

from facebench.threads import ahead


def test_work_is_done_ahead_in_order_and_its_errors_arrive():
    assert list(ahead(range(50), lambda x: x * x, threads=3)) == [x * x for x in range(50)]
    with pytest.raises(ZeroDivisionError):
        list(ahead([1, 0, 2], lambda x: 1 / x, threads=2))


@pytest.mark.parametrize(("most", "waiting"), [(None, 3), (7, 7), (0, 0)])
def test_no_more_results_wait_than_are_asked_for(most, waiting):
    started, lock = [], threading.Lock()

    def work(item):
        with lock:
            started.append(item)
        return item

    results = ahead(range(100), work, threads=2, most=most)
    assert next(results) == 0
    end = time.monotonic() + 5
    while len(started) < 1 + waiting and time.monotonic() < end:
        time.sleep(0.01)
    assert len(started) == 1 + waiting
