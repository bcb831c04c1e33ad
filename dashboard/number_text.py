"""Numbers as people write them: shares, intervals, sizes, lists."""

import math

from dashboard.vocabulary.metrics import PLAIN_NUMBERS


def percent(value: float, digits: int = 1) -> str:
    """Return a share in per cent.

    >>> percent(0.8634), percent(float("nan"))
    ('86.3 %', 'not measured')
    """
    return "not measured" if value is None or math.isnan(value) else f"{100 * value:.{digits}f} %"


def whole_percent(value: float) -> str:
    """Return a share in whole per cent.

    >>> whole_percent(0.25)
    '25 %'
    """
    return percent(value, 0)


def interval(low: float, high: float, rate: bool = True) -> str:
    """Return an interval in brackets; nothing where there is none.

    >>> interval(0.847, 0.878), interval(float("nan"), 1.0)
    ('[84.7, 87.8]', '')
    """
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    return f"[{100 * low:.1f}, {100 * high:.1f}]" if rate else f"[{low:,.4g}, {high:,.4g}]"


def number(name: str, value: float, low: float, high: float) -> str:
    """Return a number of a metric with its interval.

    >>> number("rank", 0.5, 0.4, 0.6), number("median_rank", 12.0, 9.0, 15.0)
    ('50.0 % [40.0, 60.0]', '12 [9, 15]')
    """
    rate = name not in PLAIN_NUMBERS
    if value is None or math.isnan(value):
        return "not measured"
    shown = percent(value) if rate else f"{value:,.4g}"
    return f"{shown} {interval(low, high, rate)}".strip()


def size(parameters_m: float) -> str:
    """Return a number of parameters.

    >>> size(1.234), size(87.85), size(0.0)
    ('1.2 M parameters', '88 M parameters', 'no parameters')
    """
    if parameters_m is None or math.isnan(parameters_m) or parameters_m == 0:
        return "no parameters"
    return (
        f"{parameters_m:.1f} M parameters"
        if parameters_m < 10
        else f"{parameters_m:.0f} M parameters"
    )


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
