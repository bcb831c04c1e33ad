"""The share of useful work in a finished run of the default study, read from its logs."""

from collections.abc import Iterator
from pathlib import Path

from tools.cpu_time import Spent, by_step
from tools.speed.section import Best, Case, Row, Section

NOTE = """
Processor seconds of the jobs of a finished default study, and the part of them that is work: the
rest starts programs and loads libraries and models (`tools.cpu_time`). With `--total` Snakemake's
own time is in the first figure too.
"""


def rows(best: Best, case: Case) -> Iterator[Row]:
    """Yield the row, or none where no logs are given."""
    if not case.get("logs"):
        return
    steps, _ = by_step(Path(case["logs"]))
    jobs = Spent()
    for one in steps.values():
        jobs = jobs.plus(one)
    if not jobs.cpu:
        raise SystemExit(f"No log in {case['logs']} says what its job used.")
    total = case.get("total") or jobs.cpu
    yield Row(f"{jobs.jobs} jobs, processor time, s", total, jobs.work, jobs.work / total)


SECTION = Section(
    title="Useful work",
    note=NOTE,
    cases={"usual": [{}], "smallest": [{}]},
    sides={},
    rows=rows,
    other="all",
)
