"""What a section of the table is, and the rows that it makes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

#: What a side can be asked to run; it may return facts about what was run, as plain JSON.
Parts = Mapping[str, Callable[[], dict[str, Any] | None]]
Case = Mapping[str, Any]


class Spent(NamedTuple):
    """Seconds of a part, by the clock and of the processor, and what the part said of itself."""

    wall: float
    cpu: float
    said: Mapping[str, Any]

    def best(self, other: "Spent") -> "Spent":
        """Return the lower of both for each clock.

        >>> Spent(2, 5, {"n": 1}).best(Spent(3, 4, {}))
        Spent(wall=2, cpu=4, said={'n': 1})
        """
        return Spent(min(self.wall, other.wall), min(self.cpu, other.cpu), self.said)


#: What every side spent on every part: (side, part) -> seconds.
Best = Mapping[tuple[str, str], Spent]


class Row(NamedTuple):
    """A line of the table: what, the other side's figure, facebench's, their ratio and its target.

    A ratio above 1 is good for facebench, also where the figures are times.
    """

    what: str
    other: float
    ours: float
    ratio: float
    target: float | None = None


@dataclass(frozen=True)
class Section:
    """A part of the table.

    note: what the rows mean, in Markdown; it may name facts of `known` in braces. cases: what is
    measured, by size of the run ("usual", "smallest"): each gets processes of its own, and is the
    keyword arguments of the sides. sides: each returns the parts that it can be asked for. rows:
    makes the lines from the best seconds of a case. other: the heading of the column beside
    facebench's.
    """

    title: str
    note: str
    cases: Mapping[str, Sequence[Case]]
    sides: Mapping[str, Callable[..., Parts]]
    rows: Callable[[Best, Case], Iterator[Row]]
    other: str = "plain"


def rate(spent: Spent, of: str, clock: str = "wall") -> float:
    """Return how many of what a part counted, such as pictures, it did in a second.

    >>> rate(Spent(2.0, 4.0, {"pictures": 64}), "pictures", "cpu")
    16.0
    """
    return float(spent.said[of] / max(getattr(spent, clock), 1e-9))


def line(row: Row) -> str:
    """Return a row of the table in Markdown, a missed target in bold.

    >>> line(Row("loop, pictures/s", 20.0, 41.25, 2.0625, 1.8))
    '| loop, pictures/s | 20.0 | 41.2 | 2.06 | 1.8 |'
    >>> line(Row("share", 1234.0, 617.0, 0.5, 0.85))
    '| share | 1,234 | 617 | **0.50** | 0.85 |'
    """
    missed = row.target is not None and round(row.ratio, 2) < row.target
    ratio = f"**{row.ratio:.2f}**" if missed else f"{row.ratio:.2f}"
    target = "-" if row.target is None else f"{row.target:g}"
    return f"| {row.what} | {figure(row.other)} | {figure(row.ours)} | {ratio} | {target} |"


def figure(value: float) -> str:
    """Return a number with three digits that count.

    >>> figure(1234.5), figure(41.25), figure(0.01234)
    ('1,234', '41.2', '0.0123')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
