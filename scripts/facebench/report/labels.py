"""Where the names of points stand in a picture, so that none covers another."""

from collections.abc import Sequence

#: How far a name stands above a line across the picture, in its own heights.
ABOVE_LINE = 0.75


def heights(
    names: Sequence[tuple[float, float, float]], tall: float, lines: Sequence[float] = ()
) -> list[float]:
    """Return how high the middle of each name stands: over its point, and over what is in its way.

    names: (left, right, value) of each, across in pixels, the point's value upwards. tall: the
    height of a name, in the unit of the values. lines: values at which a line crosses the picture.

    >>> heights([(0, 40, 2), (10, 50, 2), (90, 99, 2)], tall=1), heights([(0, 40, 2)], 1, [3.25])
    ([3, 4, 3], [4.0])
    """
    taken = [(float("-inf"), float("inf"), line, ABOVE_LINE * tall) for line in lines]
    found = [0.0] * len(names)
    # From below upwards, so that one pass is enough.
    for place in sorted(range(len(names)), key=lambda one: names[one][2]):
        left, right, value = names[place]
        high = value + tall
        for start, end, other, apart in sorted(taken, key=lambda one: one[2]):
            if left < end and start < right and abs(high - other) < apart:
                high = other + apart
        taken.append((left, right, high, tall))
        found[place] = high
    return found
