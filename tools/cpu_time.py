"""Show what a finished run spent processor time on: work, loading, starting, Snakemake itself.

    time .venv/bin/snakemake --cores all --directory /tmp/run
    .venv/bin/python -m tools.cpu_time /tmp/run/logs --total 438.6

--total is user + sys of the whole command, as `time` says; what of it no step used is Snakemake's
own. Every step writes the last line of its log itself (`facebench.timing`): `start` is the
interpreter and what is imported at the top, `load` what is imported later and models, `work` all
else. Logs of earlier runs in the same folder count too.
"""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SCRIPTS = Path(__file__).parents[1] / "scripts"
LINE = re.compile(r"^[\d:]+ cpu: ([\d.]+) s: start ([\d.]+), load ([\d.]+), work ([-\d.]+)$", re.M)


class Spent(NamedTuple):
    """Processor seconds of some jobs."""

    jobs: int = 0
    cpu: float = 0.0
    start: float = 0.0
    load: float = 0.0
    work: float = 0.0

    def plus(self, other: "Spent") -> "Spent":
        """Return the sum of both."""
        return Spent(*(a + b for a, b in zip(self, other, strict=True)))


def spent_in(text: str) -> Spent:
    """Return what a log says; nothing, with no job, where it doesn't say.

    >>> spent_in("12:00:07 cpu: 6.5 s: start 1.1, load 3.4, work 2.0")
    Spent(jobs=1, cpu=6.5, start=1.1, load=3.4, work=2.0)
    """
    found = LINE.findall(text)
    return Spent(1, *map(float, found[-1])) if found else Spent()


def step_of(place: Path) -> str:
    """Return the step that a log is of; `place` is where it lies below logs/.

    >>> step_of(Path("embed__people__2/mini-s.log")), step_of(Path("lfw/collect.log"))
    ('embed', 'collect')
    """
    words = [part.removesuffix(".log").partition("__")[0] for part in place.parts]
    return next((word for word in words if (SCRIPTS / f"{word}.py").exists()), words[0])


def by_step(logs: Path) -> tuple[dict[str, Spent], list[Path]]:
    """Return what every step spent, most first, and the logs that don't say, as of killed jobs."""
    steps, silent = dict[str, Spent](), []
    for path in sorted(logs.rglob("*.log")):
        one = spent_in(path.read_text(errors="replace"))
        step = step_of(path.relative_to(logs))
        steps[step] = steps.get(step, Spent()).plus(one)
        silent += [] if one.jobs else [path]
    return dict(sorted(steps.items(), key=lambda item: -item[1].cpu)), silent


def table(steps: Mapping[str, Spent], total: float | None) -> str:
    """Return the table: a line a step, Snakemake's own time, the sum and its share of work."""
    rows = dict(steps)
    jobs = Spent()
    for one in steps.values():
        jobs = jobs.plus(one)
    if total is not None:
        rest = total - jobs.cpu
        rows["Snakemake itself"] = Spent(0, rest, rest)
        jobs = Spent(jobs.jobs, total, jobs.start + rest, jobs.load, jobs.work)
    rows["all"] = jobs
    lines = [f"{'step':<18}{'jobs':>6}{'cpu':>9}{'start':>9}{'load':>9}{'work':>9}{'work, %':>9}"]
    for name, (count, *seconds) in rows.items():
        share = 100 * seconds[-1] / seconds[0] if seconds[0] else 0.0
        lines.append(f"{name:<18}{count:>6}" + "".join(f"{n:>9.1f}" for n in [*seconds, share]))
    return "\n".join(lines)


def main(logs: str, total: float | None = None) -> int:
    """Print the table; return 1 if no log says anything, or more than was used in all."""
    steps, silent = by_step(Path(logs))
    print(table(steps, total))
    for path in silent:
        print(f"{path} doesn't say what it used.")
    used = sum(one.cpu for one in steps.values())
    if total is not None and used > total:
        print(f"The steps used {used:.1f} s, more than --total: some logs are of another run.")
    return 1 if not used or (total is not None and used > total) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("logs", help="the folder of logs of the run: logs/ in its directory")
    parser.add_argument("--total", type=float, help="user + sys of the whole command, in seconds")
    raise SystemExit(main(**vars(parser.parse_args())))
