"""The table of promises: every test it names exists, and every figure has a page and a date."""

import ast
import re
from datetime import date
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "promises.md"
#: The columns of a row: promise, test, figure, date.
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| promise ")
]


@cache
def functions_in(path):
    """Return the names of the test functions in a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_promise_has_a_test_of_its_own():
    assert len(ROWS) >= 30 and all(len(row) == 4 for row in ROWS)
    assert len({row[0] for row in ROWS}) == len({row[1] for row in ROWS}) == len(ROWS)
    for promise, test, _, _ in ROWS:
        path, name = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", test).groups()
        assert (ROOT / path).is_file() and name in functions_in(path), f"{promise}: {test}"


def test_a_figure_stands_in_the_page_that_it_names_and_has_a_date():
    assert any(figure != "-" for *_, figure, _ in ROWS)
    for promise, _, figure, when in ROWS:
        if figure == "-":
            assert when == "-", promise
            continue
        assert date.fromisoformat(when) <= date.today()
        page = re.search(r"\(\[([\w-]+\.md)\]\(\1\)\)$", figure)[1]
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        said = figure.partition("([")[0]
        for number in re.findall(r"\d+(?:\.\d+)?", said):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.]\d)", text), (promise, number)


def test_readers_are_led_to_the_promises():
    for page in ("README.md", "docs/design.md"):
        assert "promises.md" in (ROOT / page).read_text(encoding="utf-8"), page
