"""Numbers as people write them: shares, intervals, sizes, lists."""

import math
import re

from dashboard.vocabulary.metrics import PLAIN_NUMBERS, by_guessing


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


def share(value: float | str) -> str:
    """Return a share that is given, a rate or a budget, as text.

    >>> share(0.01), share("0.002")
    ('1 %', '0.2 %')
    """
    return f"{100 * float(value):g} %"


def plain(value: float) -> str:
    """Return a number that is no share: four digits, and all of a whole part.

    >>> plain(12.0), plain(0.012346), plain(12345.6)
    ('12', '0.01235', '12,346')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def as_shown(value: float, format: str) -> float:
    """Return a number rounded as the texts round it, for a table whose format is for a browser.

    Browsers round halves up, and Python to the nearest even digit: 0.25 would be 0.3 in a table and
    0.2 in a sentence.

    >>> as_shown(0.25, "%.1f %%"), as_shown(12345.6, "plain"), as_shown(0.25, "localized")
    (0.2, 12346.0, 0.25)
    """
    if math.isnan(value) or math.isinf(value):
        return value
    if format == "plain":
        return float(plain(value).replace(",", ""))
    known = re.match(r"%,?\.(\d+)([fg])", format)
    return float(f"{value:.{known[1]}{known[2]}}") if known else value


def interval(low: float, high: float, rate: bool = True) -> str:
    """Return an interval in brackets; nothing where there is none.

    >>> interval(0.847, 0.878), interval(float("nan"), 1.0)
    ('[84.7, 87.8]', '')
    """
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    return f"[{100 * low:.1f}, {100 * high:.1f}]" if rate else f"[{plain(low)}, {plain(high)}]"


def number(name: str, value: float, low: float, high: float) -> str:
    """Return a number of a metric with its interval.

    The shares of guessing are small, and have a digit more.

    >>> number("rank", 0.5, 0.4, 0.6), number("median_rank", 12.0, 9.0, 15.0)
    ('50.0 % [40.0, 60.0]', '12 [9, 15]')
    >>> number("top1_chance", 0.00083, float("nan"), float("nan"))
    '0.08 %'
    """
    rate = name not in PLAIN_NUMBERS
    if value is None or math.isnan(value):
        return "not measured"
    shown = percent(value, 2 if by_guessing(name) else 1) if rate else plain(value)
    return f"{shown} {interval(low, high, rate)}".strip()


def p_value(value: float) -> str:
    """Return a p value, rounded up: it is never said to be smaller than it is.

    >>> p_value(0.0001), p_value(0.0123), p_value(0.05)
    ('< 0.001', '0.013', '0.050')
    """
    return "< 0.001" if value < 0.001 else f"{math.ceil(round(1000 * value, 6)) / 1000:.3f}"


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
