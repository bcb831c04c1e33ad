"""Numbers in sentences, and the markers behind them that say where they come from.

    84<!-- figure: KEY -->       a figure of docs/figures.json, rounded as it is written
    98.9<!-- from: PAGE -->      a number that another page gives, where it is said how it was made
    255<!-- fixed -->            a setting or a definition: no result

All numbers between `<!-- figures -->` and `<!-- end of figures -->` have a marker.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MARKER = r"<!--\s+(?:figure:\s+[\w-]+|from:\s+[\w./-]+|fixed)\s+-->"
MARKED = re.compile(rf"(-?\d[\d,]*(?:\.\d+)?)((?:{MARKER})+)")
REGION = re.compile(r"<!-- figures -->(.*?)<!-- end of figures -->", re.DOTALL)
#: What holds numbers that are no figures: code, addresses of links and pictures, comments, words.
OTHER = re.compile(r"`[^`]*`|\]\([^)]*\)|<!--.*?-->|\b[A-Za-z][\w-]*\d[\w-]*", re.DOTALL)


def marked(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield every marked number with its markers, one at a time: number, kind and what it names.

    >>> list(marked("84<!-- figure: a --> of 100<!-- fixed -->"))
    [('84', 'figure', 'a'), ('100', 'fixed', '')]
    """
    for number, markers in MARKED.findall(text):
        for marker in re.findall(MARKER, markers):
            kind, _, name = marker.removeprefix("<!--").removesuffix("-->").strip().partition(":")
            yield number, kind, name.strip()


def disagreeing(text: str, figures: Mapping[str, Mapping[str, Any]], root: Path) -> Iterator[str]:
    """Yield a sentence on every number that is not what its marker names, or that has none."""
    for number, kind, name in marked(text):
        if kind == "figure":
            if name not in figures:
                yield f"{number} is to be the figure {name}, which docs/figures.json doesn't have"
            elif (right := rounded(figures[name]["value"], number)) != number:
                yield f"{number} is to be {right}: {figures[name]['is']}"
        elif kind == "from" and not stands_in(number, root / name):
            yield f"{number} doesn't stand in {name}"
    for region in REGION.findall(text):
        for number in unmarked(region):
            yield f"{number} has no marker that says where it comes from"


def rounded(value: float, like: str) -> str:
    """Return a value with as many decimals as a number has, and commas if that has some.

    >>> rounded(83.888889, "84"), rounded(-0.04, "0.1"), rounded(1200.0, "1,200")
    ('84', '0.0', '1,200')
    """
    decimals = len(like.partition(".")[2])
    text = f"{value:{',' if ',' in like else ''}.{decimals}f}"
    return text.removeprefix("-") if not float(text.replace(",", "")) else text


def replaced(text: str, figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a text with its figures as they are known."""

    def new(found: re.Match[str]) -> str:
        for number, kind, name in marked(found[0]):
            if kind == "figure" and name in figures:
                return rounded(figures[name]["value"], number) + found[2]
        return found[0]

    return MARKED.sub(new, text)


def made_at(text: str, commits: Mapping[str, str]) -> str:
    """Return a text that names the commits at which the numbers of its studies were made.

    >>> made_at("at commit 0000000<!-- commit: default --> in a clone", {"default": "390cec60edf6"})
    'at commit 390cec6<!-- commit: default --> in a clone'
    """

    def named(found: re.Match[str]) -> str:
        return commits.get(found[2], found[1])[:7] + found[0][len(found[1]) :]

    return re.sub(r"\b(\w{7})<!-- commit: ([\w-]+) -->", named, text)


def unmarked(text: str) -> list[str]:
    """Return the numbers of a text that have no marker.

    >>> unmarked("`a 1` finds 84<!-- figure: a --> of 100 ([b](c2.md), ViT-3)")
    ['100']
    """
    rest = OTHER.sub(" ", MARKED.sub(" ", text))
    return re.findall(r"-?\d[\d,]*(?:\.\d+)?", rest)


def stands_in(number: str, page: Path) -> bool:
    """Return whether a page has this number."""
    if not page.is_file():
        return False
    return number in re.findall(r"-?\d[\d,]*(?:\.\d+)?", page.read_text(encoding="utf-8"))
