"""Running the sides of a section by turns, and keeping the best round of each part."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.speed.section import Best, Case, Row, Section, Spent

ROOT = Path(__file__).parents[2]


def measured(
    name: str, section: Section, case: Case, *, rounds: int, cores: int, pythons: Mapping[str, str]
) -> list[Row]:
    """Return the rows of a case: every part of every side, by turns, `rounds` times.

    pythons: the interpreters of sides that have an environment of their own.
    """
    best: Best = {}
    with running(name, section, case, cores, pythons) as sides:
        for number in range(rounds):
            best = one_round(sides, best, f"{name} {told(case)}: round {number + 1} of {rounds}")
    return list(section.rows(best, case))


def one_round(sides: Mapping[str, "Side"], best: Best, told: str) -> Best:
    """Ask every side for every part, a part of all sides before the next one; return the best."""
    found = dict(best)
    # Parts of one name are compared, so they follow each other.
    for part in dict.fromkeys(part for side in sides.values() for part in side.parts):
        for name, side in sides.items():
            if part not in side.parts:
                continue
            spent = side.ask(part)
            print(f"{told}: {name}, {part}: {spent.wall:.2f} s", file=sys.stderr, flush=True)
            found[name, part] = spent.best(found.get((name, part), spent))
    return found


def told(case: Case) -> str:
    """Return the words of a case: which of several it is.

    >>> told({"model": "RN50", "count": 5})
    'RN50'
    """
    return " ".join(str(value) for value in case.values() if isinstance(value, str))


class Side:
    """A process of `tools.speed.serve`."""

    def __init__(self, command: list[str], cores: int) -> None:
        threads = {f"{library}_NUM_THREADS": str(cores) for library in ("OMP", "MKL", "OPENBLAS")}
        paths = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
        # As `make` does it: compiled files are kept, or every start would compile its libraries.
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self._process = subprocess.Popen(  # noqa: S603 (a module of its own)
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**kept, **threads, "PYTHONPATH": paths},
        )
        self.parts: list[str] = self._answer()

    def ask(self, part: str) -> Spent:
        """Return what a part took."""
        assert self._process.stdin is not None  # noqa: S101 (tells mypy)
        self._process.stdin.write(f"{part}\n")
        self._process.stdin.flush()
        return Spent(**self._answer())

    def end(self) -> None:
        """End the process, which may be in the middle of its work."""
        self._process.terminate()
        self._process.wait()

    def _answer(self) -> Any:
        assert self._process.stdout is not None  # noqa: S101 (tells mypy)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"A side ended early: {' '.join(map(str, self._process.args))}")  # type: ignore[arg-type]
        return json.loads(line)


@contextmanager
def running(
    name: str, section: Section, case: Case, cores: int, pythons: Mapping[str, str]
) -> Iterator[dict[str, Side]]:
    """Yield the sides of a case, ready to be asked; end them afterwards."""
    sides: dict[str, Side] = {}
    try:
        for side in section.sides:
            python = pythons.get(side, sys.executable)
            command = [python, "-m", "tools.speed.serve", name, side, json.dumps(case)]
            sides[side] = Side(command, cores)
        yield sides
    finally:
        for process in sides.values():
            process.end()
