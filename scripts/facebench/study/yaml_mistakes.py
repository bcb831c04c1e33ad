"""What is wrong with a text that isn't YAML, in the words of who wrote it."""

import re

import yaml

#: What the parser says -> what that means; `{}` is the line where what is open begins.
SAID = {
    "found unexpected end of stream": "the quotation mark that opens in line {} is never closed",
    "found undefined alias": "the * stands for something that no & marks before; put a text that"
    " begins with * into quotation marks",
    "but found another document": "--- begins a second document; a configuration is one",
    "unknown escape character": r"a \ in double quotation marks has a meaning of its own; use"
    " single ones",
    "expected alphabetic or numeric character": "a text that begins with *, & or % needs quotation"
    " marks",
    "unexpected non-alphabetical character": "a text that begins with *, & or % needs quotation"
    " marks",
    "that cannot start any token": "a text that begins with @ or ` needs quotation marks",
    "expected ',' or ']'": "the bracket [ that opens in line {} is not closed before it",
    "expected ',' or '}'": "the bracket {{ that opens in line {} is not closed before it",
}
#: The parser is inside of these when it comes upon an end, or upon a bracket that closes nothing.
NO_CONTENT = ("did not find expected node content", "expected the node content")
NOT_INDENTED = ("did not find expected key", "did not find expected '-'", "expected <block end>")


def explained(error: yaml.MarkedYAMLError, text: str) -> tuple[int | None, str]:
    """Return the line, from 1, in which the parser gave up on `text`, and why, without a stop.

    >>> text = "a: [1, 2\\nb: 3"
    >>> try: yaml.compose(text)
    ... except yaml.MarkedYAMLError as error: explained(error, text)
    (2, 'the bracket [ that opens in line 1 is not closed before it')
    """
    mark, problem = error.problem_mark, str(error.problem)
    if mark is None:
        return None, problem
    lines = text.splitlines()
    here = lines[mark.line] if mark.line < len(lines) else ""
    opened = error.context_mark.line + 1 if error.context_mark else mark.line + 1
    if "\t" in (re.match(r"\s*", here) or [""])[0] or here[mark.column : mark.column + 1] == "\t":
        return mark.line + 1, "a tab stands where YAML takes only spaces"
    if problem.startswith("mapping values"):
        return mark.line + 1, _second_value(lines, mark.line, mark.column)
    if problem.startswith(NOT_INDENTED):
        return mark.line + 1, "it is indented otherwise than the lines that it belongs to"
    if problem.startswith(NO_CONTENT):
        return mark.line + 1, _no_content(here, mark.column, opened)
    found = next((words for said, words in SAID.items() if said in problem), None)
    return mark.line + 1, found.format(opened) if found else f"it isn't YAML: {problem}"


def _second_value(lines: list[str], row: int, column: int) -> str:
    """Return why no value may begin at a colon."""
    here = lines[row]
    if ": " in here[:column]:
        return "it has two colons; put a text that holds one into quotation marks"
    above = next((i for i in range(row - 1, -1, -1) if lines[i].strip()), row)
    if _indent(here) > _indent(lines[above]):
        return f"it is indented further than line {above + 1}, which has a value already"
    return f"line {above + 1} has no ': ' between a key and its value"


def _no_content(here: str, column: int, opened: int) -> str:
    closing = here[column : column + 1]
    if closing in ("]", "}"):
        return f"the bracket {closing} closes none"
    return f"a bracket that opens in line {opened} or before is never closed"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
