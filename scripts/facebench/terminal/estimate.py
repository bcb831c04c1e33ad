"""How long the rest of a run takes, estimated from its finished steps."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from facebench.logs import duration

#: What `facebench.logs.Progress` ends its lines with.
OWN = re.compile(r", ([\d.]+) (s|min|h) left$")
SECONDS = {"s": 1, "min": 60, "h": 3600}
#: Steps that may take longer than all others together.
LONG = ("attack", "attack_photographs", "embed", "landmarks", "poison", "pretrain", "render_people")
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
    far, latest message) are part of `todo`. A rule without a finished step counts as the median
    one, since a single long step says nothing of the others.

    >>> seconds_left({"embed": 2}, {"embed": [8, 12], "crop": [4]}, [("embed", 5, "")], 29)
    15.0
    """
    running = list(running)
    known = [seconds for each in took.values() for seconds in each]
    if len(known) < ENOUGH:
        return None
    busy = sum(known) + sum(seconds for _, seconds, _ in running)
    at_once = max(1.0, busy / max(elapsed, 1e-9))
    usual = {rule: sum(each) / len(each) for rule, each in took.items() if each}
    middle = median(known)
    left = [of_step(usual.get(rule, middle), seconds, said) for rule, seconds, said in running]
    waiting = Counter(todo) - Counter(rule for rule, _, _ in running)
    work = sum(count * usual.get(rule, middle) for rule, count in waiting.items())
    return max([(work + sum(left)) / at_once, *left])


def of_step(usual: float, seconds: float, latest: str) -> float:
    """Return the seconds that a running step still needs: its own estimate, or else a guess.

    A step that takes longer than usual is taken to need half as long again as it took.

    >>> of_step(10, 4, "5 faces"), of_step(10, 60, "5 faces"), of_step(10, 60, "5 faces, 4 s left")
    (6, 30.0, 4.0)
    """
    own = own_estimate(latest)
    if own is not None:
        return own
    return usual - seconds if seconds < usual else seconds / 2


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


def may_be_longer(todo: Mapping[str, int], took: Mapping[str, Sequence[float]]) -> bool:
    """Return whether a step that may be long is to be done, and none of its rule has ended.

    >>> may_be_longer({"embed": 2}, {"crop": [1]}), may_be_longer({"embed": 1}, {"embed": [9]})
    (True, False)
    """
    return any(todo.get(rule, 0) > 0 and not took.get(rule) for rule in LONG)
