"""How long the rest of a run takes, estimated from its finished steps."""

import re
from collections.abc import Iterable, Mapping, Sequence

from facebench.logs import duration

#: What `facebench.logs.Progress` ends its lines with.
OWN = re.compile(r", ([\d.]+) (s|min|h) left$")
SECONDS = {"s": 1, "min": 60, "h": 3600}
#: Fewer finished steps give no estimate.
ENOUGH = 3


def seconds_left(
    todo: Mapping[str, int],
    took: Mapping[str, Sequence[float]],
    running: Iterable[tuple[str, float, str]],
    elapsed: float,
) -> float | None:
    """Return the seconds that the steps `todo` (how many a rule) need; None if unknown.

    `took` holds how long the finished steps of each rule took. `running` steps (rule, seconds so
    far, latest message) are part of `todo`. A rule without a finished step counts as the mean one.

    >>> seconds_left({"embed": 2}, {"embed": [8, 12], "crop": [4]}, [("embed", 5, "")], 29)
    15.0
    """
    running = list(running)
    known = [seconds for each in took.values() for seconds in each]
    own = [left for _, _, latest in running if (left := own_estimate(latest)) is not None]
    if len(known) < ENOUGH:
        return None
    busy = sum(known) + sum(seconds for _, seconds, _ in running)
    at_once = max(1.0, busy / max(elapsed, 1e-9))
    mean = sum(known) / len(known)
    means = {rule: sum(each) / len(each) for rule, each in took.items() if each}
    work = sum(count * means.get(rule, mean) for rule, count in todo.items())
    work -= sum(min(seconds, means.get(rule, mean)) for rule, seconds, _ in running)
    return max([work / at_once, *own])


def own_estimate(latest: str) -> float | None:
    """Return a running step's own estimate of the seconds it needs.

    >>> own_estimate("1,200 of 2,400 faces, 310.2/s, 4 s left"), own_estimate("3 faces")
    (4.0, None)
    """
    found = OWN.search(latest)
    return float(found[1]) * SECONDS[found[2]] if found else None


def about(seconds: float | None) -> str:
    """Return the words for the time left; none if it isn't known.

    >>> about(200), about(None)
    ('about 3 min left', '')
    """
    return "" if seconds is None else f"about {duration(max(1, seconds))} left"
