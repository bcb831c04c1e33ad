"""Measure how fast facebench is, as ratios within one run, and write docs/results-speed.md.

    .venv/bin/python -m tools.speed --clip-retrieval work/clip-retrieval --logs LOGS

--clip-retrieval: an environment that has it, made there with uv if there is none; without, its
settings are re-made. --logs: the folder of logs of a finished default study. The page is written
where all sections were measured in full, or to --page.
"""

import argparse
import os
import shlex
import sys
import time
from pathlib import Path

from tools.speed import machine, page
from tools.speed.environment import python_of
from tools.speed.section import Row
from tools.speed.sections import NAMES, section_of
from tools.speed.turns import ROOT, measured

PAGE = ROOT / "docs" / "results-speed.md"


def main(given: argparse.Namespace, command: str) -> None:
    """Measure the sections, print their tables, and write the page."""
    # Before anything is installed, which is no work of others.
    load = machine.load()
    pythons = {}
    if given.clip_retrieval and "embedding" in given.only:
        python = python_of(given.clip_retrieval)
        pythons = {"clip-retrieval": python} if python else {}
    found: dict[str, list[Row]] = {}
    start = time.monotonic()
    for name in given.only:
        section = section_of(name)
        found[name] = []
        for case in section.cases["smallest" if given.smallest else "usual"]:
            if name == "work":
                case = {"logs": given.logs, "total": given.total}
            found[name] += measured(
                name, section, case, rounds=given.rounds, cores=given.cores, pythons=pythons
            )
        print(f"\n{section.title}\n\n{page.table(section, found[name])}", flush=True)
    print(f"{(time.monotonic() - start) / 60:.1f} minutes", file=sys.stderr)
    where = given.page or (PAGE if set(given.only) == set(NAMES) and not given.smallest else None)
    if where:
        told = machine.lines(cores=given.cores, load=load)
        text = page.written(found=found, command=command, rounds=given.rounds, machine=told)
        where.write_text(text, encoding="utf-8")


def arguments(words: list[str]) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tools.speed", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="SECTION",
                        help=f"some of: {', '.join(NAMES)}")  # fmt: skip
    parser.add_argument(
        "--rounds",
        type=int,
        default=3,
        help="of which the best counts; the first one also loads libraries",
    )
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--clip-retrieval", type=Path, help="a folder for its environment")
    parser.add_argument("--logs", type=Path, help="of a finished default study")
    parser.add_argument("--total", type=float, help="user + sys of that whole run, in seconds")
    parser.add_argument("--smallest", action="store_true", help="only to see that it runs")
    parser.add_argument("--page", type=Path, help="instead of docs/results-speed.md")
    return parser.parse_args(words)


if __name__ == "__main__":
    words = sys.argv[1:]
    main(arguments(words), shlex.join([".venv/bin/python", "-m", "tools.speed", *words]))
