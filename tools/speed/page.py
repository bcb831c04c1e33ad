"""The page of results: docs/results-speed.md."""

from collections.abc import Iterator, Mapping, Sequence

from tools.speed.section import Row, Section, line
from tools.speed.sections import section_of

HEAD = """# Speed

<!-- Written by tools/speed; run that instead of editing. -->

    {command}

Ratios within one run: both sides by turns, each in a process of its own, and of each part the best
of {rounds} rounds. A ratio above 1 is good for facebench, also where the figures are times; a share
of a matrix product is below 1 at best. A ratio in bold misses its target. Pictures are JPEGs of 250
by 250 pixels that are about as hard to decode as photographs; models have random weights, float32,
but for the small ones that are shipped.

{machine}"""


def written(*, found: Mapping[str, Sequence[Row]], command: str, rounds: int, machine: str) -> str:
    """Return the page: a table with its note for every section that was measured."""
    head = HEAD.format(command=command, rounds=rounds, machine=machine)
    return head + "".join(
        f"\n## {section_of(name).title}\n{section_of(name).note}\n{table(section_of(name), rows)}"
        for name, rows in found.items()
    )


def table(section: Section, rows: Sequence[Row]) -> str:
    """Return the table of a section; a sentence where nothing was measured."""
    if not rows:
        return "Not measured in this run.\n"
    return "\n".join(_lines(section, rows)) + "\n"


def _lines(section: Section, rows: Sequence[Row]) -> Iterator[str]:
    yield f"| what | {section.other} | facebench | ratio | target |"
    yield "|---|---|---|---|---|"
    yield from map(line, rows)
