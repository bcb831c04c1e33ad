"""What a run ends with: what was found, in a screen or two, where it lies, how to look at it."""

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from facebench.texts import plain

#: What begins a table of recognition: the data set, and the crop.
TABLE = re.compile(r"## (\S+), (\S+) crop(, .+)?$")
#: What ends these tables; and the lists that end a summary.
LEGEND, LISTS = "In brackets:", ("Left out:", "Not measured")


def brief(summary: str, own: Collection[str] = ()) -> str:
    """Return a summary with few tables of recognition, and without its last lists.

    Of every data set there is the table of the first crop, and those of crops that are a model's
    `own`: in other crops it recognises less.

    >>> page = "## a, tight crop\\n\\n| 1 |\\n\\n## a, full crop\\n\\n| 2 |\\n\\n"
    >>> print(brief(page + "Left out:\\n\\n* x\\n"))
    ## a, tight crop
    <BLANKLINE>
    | 1 |
    <BLANKLINE>
    Not shown: tables of 1 more crop; what was left out or can't be resolved (1 line).
    """
    seen: set[str] = set()
    kept, tables, skipped = [], 0, False
    paragraphs = re.split(r"\n{2,}", summary.strip())
    ends = [i for i, paragraph in enumerate(paragraphs) if paragraph.startswith(LISTS)]
    end = ends[0] if ends else len(paragraphs)
    for paragraph in paragraphs[:end]:
        title = TABLE.match(paragraph)
        if title:
            skipped = title[1] in seen and title[2] not in map(plain, own)
            seen.add(title[1])
            tables += skipped
        elif paragraph.startswith(("## ", LEGEND)):
            skipped = False
        if not skipped:
            kept.append(paragraph)
    lines = sum(paragraph.count("\n") + 1 for paragraph in paragraphs[end:] if paragraph[0] == "*")
    without = [f"tables of {tables} more {'crop' if tables == 1 else 'crops'}"] if tables else []
    some = f"({lines} {'line' if lines == 1 else 'lines'})"
    without += [f"what was left out or can't be resolved {some}"] if lines else []
    return "\n\n".join([*kept, *([f"Not shown: {'; '.join(without)}."] if without else [])])


def what_next(results: Path, checkout: str | Path, studies: Sequence[str | Path] = ()) -> str:
    """Return where the results are and how to view them; `results` is a relative path.

    studies: the files of the study, if any.
    """
    return (
        f"The whole summary is {results / 'summary.md'}, and every number in metrics.csv beside it."
        f"\nTo look at them: {look(results, checkout, studies)}"
    )


def look(results: Path, checkout: str | Path, studies: Sequence[str | Path] = ()) -> str:
    """Return the command that shows results in a browser, from the folder that this is.

    It names the study where that says where the results are, since the dashboard reads it, too.
    """
    if Path(checkout).absolute() != Path.cwd():
        return f"make -C {checkout} dashboard RESULTS={results.absolute()}"
    if [Path(study).stem for study in studies] == [results.name]:
        return f"make dashboard STUDY={os.path.relpath(studies[0])}"
    return "make dashboard" + ("" if results.name == "default" else f" RESULTS={results}")


def answers(page: str, most: int = 10) -> list[str]:
    """Return whom a page `my-cloaks.md` is about, and its verdicts, a line a person and attack.

    >>> page = "# Would it?\\n\\n1 person is looked\\nfor among 2 people. The photos\\n\\n"
    >>> answers(page + "## Anna\\n\\n**Found by 1 of 2 models.**\\n\\n| model |\\n")
    ['1 person is looked for among 2 people.', 'Anna: Found by 1 of 2 models.']
    """
    found, person, name = [], "", ""
    paragraphs = page.split("\n\n")
    head = next((one for one in paragraphs[1:2] if not one.startswith("#")), "")
    whom = " ".join(head.split()).partition(". ")[0].rstrip(".")
    for line in page.splitlines():
        if line.startswith("## "):
            person = name = line[3:]
        elif line.startswith("### "):
            person = f"{name}, {line[4:]}"
        elif person and line.startswith(("**", "Nothing can be said")):
            found.append(f"{person}: {line.replace('**', '')}")
    more = [f"... and {len(found) - most} more"] if len(found) > most else []
    return [*([f"{whom}."] if found and whom else []), *found[:most], *more]
