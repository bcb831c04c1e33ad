"""Tables of what trainings taught, of numbers that are known."""

from types import SimpleNamespace

import pandas as pd

from tools.quoting import taught


def row(recipe, times, value, change=float("nan")):
    """Return a row of names-seen.parquet."""
    where = {"dataset": "d", "crop": "c", "metric": "naming", "role": "subject", "part": ""}
    return {
        **where, "recipe": recipe, "times": times,
        "value": value, "ci_low": value - 0.1, "ci_high": value + 0.1,
        "difference": change, "difference_low": change - 0.1, "difference_high": change + 0.1,
    }  # fmt: skip


def test_a_line_is_a_number_of_times_and_a_column_a_recipe():
    rows = [row("seen", None, 0.5), row("seen", 1, 0.2), row("seen", 16, 0.8)]
    rows += [row("other", None, 0.4, -0.1), row("other", 1, 0.25, 0.05)]
    table = pd.DataFrame(rows).astype({"times": "Int64"})
    results = SimpleNamespace(table=lambda name: table)
    head, lines = taught.taught(results, "d", "c", "naming", "subject")
    assert head == ["times", "seen", "other"]
    assert lines == [
        ["1", "20.0 [10.0, 30.0]", "25.0 [15.0, 35.0]"],
        ["16", "80.0 [70.0, 90.0]", "-"],
        ["all", "50.0 [40.0, 60.0]", "40.0 [30.0, 50.0]"],
    ]
    head, lines = taught.change(results, "d", "c", "naming", "subject")
    assert head == ["times", "other"] and lines[0] == ["1", "+5.0 [-5.0, 15.0]"]
