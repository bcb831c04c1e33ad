"""Tables of a study in the texts, between markers: `<!-- table: KEY -->` and `<!-- end -->`.

KEY is `recognition DATASET CROP`, or `cloaks DATASET CROP`.
"""

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from facebench.errors import UserError
from facebench.report import attack_tables
from scripts import summary
from tools.quoting.figures import Results

BLOCK = re.compile(r"(<!-- table: ([\w -]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def keys(text: str) -> list[str]:
    """Return the keys of the tables in a text."""
    return [found[1] for found in BLOCK.findall(text)]


def table(results: Results, key: str) -> dict[str, Any]:
    """Return what a table says: a line before it, head, lines, and sentences after it."""
    kind, dataset, crop = key.split()
    if kind == "recognition":
        return _recognition(results, dataset, crop)
    if kind == "cloaks":
        return _cloaks(results, dataset, crop)
    raise UserError(f"There is no table of the kind {kind}: there are recognition and cloaks.")


def filled(text: str, known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a text with its tables as they are known."""
    return BLOCK.sub(lambda found: f"{found[1]}{markdown(known[found[2]])}{found[3]}", text)


def markdown(one: Mapping[str, Any]) -> str:
    """Return a table and its sentences in Markdown, as the texts have them."""
    parts = [one["before"], summary.markdown(one["head"], one["lines"]).rstrip("\n")]
    parts += [
        textwrap.fill(
            sentence,
            100,
            subsequent_indent="  " if sentence.startswith("* ") else "",
            break_on_hyphens=False,
            break_long_words=False,
        )
        for sentence in one["after"]
    ]
    return "\n" + "\n\n".join(parts) + "\n\n"


def _recognition(results: Results, dataset: str, crop: str) -> dict[str, Any]:
    mine = results.numbers[(results.numbers.dataset == dataset) & (results.numbers.crop == crop)]
    mine = mine[~mine.protocol.isin(attack_tables.PROTOCOLS)]
    if mine.empty:
        raise UserError(f"{results.folder} holds no numbers of {dataset}, crop {crop}.")
    pairs = results.comparisons
    same = (pairs.dataset == dataset) & (pairs.crop == crop) & (pairs.variant == "clean")
    pictures, people = mine.n_images.max(), mine.n_identities.max()
    head, lines = _cells(summary.table(mine))
    return {
        "before": f"{pictures:,.0f} pictures; {people:,.0f} people took part.",
        "head": head,
        "lines": lines,
        "after": [sentence.strip() for sentence in summary.alike(pairs[same])],
    }


def _cloaks(results: Results, dataset: str, crop: str) -> dict[str, Any]:
    every, numbers = results.transfer, results.table("metrics")
    mine = every[(every.dataset == dataset) & (every.crop == crop)]
    if mine.empty:
        raise UserError(f"{results.folder} holds no attacks on {dataset}, crop {crop}.")
    ((title, head, lines),) = attack_tables.sections(mine, numbers)
    here = numbers[(numbers.dataset == dataset) & (numbers.crop == crop)]
    sentences = [f"* {line}" for line in attack_tables.sentences(mine, here)]
    legend = " ".join(attack_tables.LEGEND.split())
    before = title.strip().partition("\n\n")[2]
    return {"before": before, "head": head, "lines": lines, "after": [legend, *sentences]}


def _cells(markdown: str) -> tuple[list[str], list[list[str]]]:
    """Return head and lines of a table in Markdown."""
    rows = [[cell.strip() for cell in line[1:-1].split(" | ")] for line in markdown.splitlines()]
    return rows[0], rows[2:]
