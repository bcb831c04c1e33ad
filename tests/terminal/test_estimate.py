"""How long a run is said to take, from what has been done."""

import pytest

from facebench.terminal.estimate import seconds_left

SHORT = {"list": [2, 2], "weights": [1, 3]}


@pytest.mark.parametrize(
    ("todo", "took", "running", "left"),
    [
        # One long step says nothing of others: 40 of the usual length, and not 40 long ones.
        ({"embed": 40}, {**SHORT, "render": [600]}, [], 80),
        # A step that says how long it needs is believed, and so is what waits behind it.
        ({"embed": 2}, {"embed": [10, 10, 10]}, [("embed", 3, "5 of 9 faces, 60 s left")], 70),
        # A step that takes longer than usual isn't as good as done.
        ({"landmarks": 1}, SHORT, [("landmarks", 120, "looking")], 60),
        ({"embed": 1}, {"embed": [10, 10, 10]}, [("embed", 4, "")], 6),
        ({"embed": 1}, {"embed": [10, 10]}, [], None),
        ({}, SHORT, [], 0),
    ],
)
def test_the_time_left(todo, took, running, left):
    assert seconds_left(todo, took, running, 1e6) == left
