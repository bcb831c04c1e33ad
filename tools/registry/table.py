"""The registry as a table of plain text, as wide as a terminal."""

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from facebench.texts import in_words, one_line

Cell = Callable[[str, Mapping[str, Any]], str]
NUMBERS = ("size, M", "pixels", "vector", "GFLOP")


def _fact(key: str) -> Cell:
    return lambda _, spec: in_words(spec.get("facts", {}).get(key))


def _where(_: str, spec: Mapping[str, Any]) -> str:
    """Return where the weights are: those on the hub were never run by the authors."""
    if "repo" in spec:
        return "hub"
    return "none" if spec["family"] in ("pixels", "random") else "here"


#: Columns in the order in which they stand.
COLUMNS: dict[str, Cell] = {
    "model": lambda name, _: name,
    "size, M": _fact("params_m"),
    "pixels": _fact("pixels"),
    "vector": _fact("dim"),
    "GFLOP": _fact("gflops"),
    "trained on": _fact("data"),
    "blurred": _fact("faces_blurred"),
    "licence": _fact("licence"),
    "commercial": _fact("commercial"),
    "weights": _where,
}
#: The columns in the order in which they are given up where there is little room; never the first.
FIRST_TO_GO = (
    "GFLOP", "vector", "weights", "commercial", "pixels", "blurred", "trained on", "licence",
    "size, M",
)  # fmt: skip


def rows(models: Mapping[str, Any], width: int) -> tuple[list[str], list[str]]:
    """Return the lines of the table, and the columns that didn't fit into `width` characters."""
    cells = {
        head: [head, *(one_line(cell(name, spec)) for name, spec in models.items())]
        for head, cell in COLUMNS.items()
    }
    wide = {head: max(map(len, column)) for head, column in cells.items()}
    left_out: list[str] = []
    for head in FIRST_TO_GO:
        if sum(wide[head] + 2 for head in COLUMNS if head not in left_out) - 2 <= width:
            break
        left_out.append(head)
    kept = [head for head in COLUMNS if head not in left_out]
    lines = [
        "  ".join(
            cells[head][i].rjust(wide[head])
            if head in NUMBERS
            else cells[head][i].ljust(wide[head])
            for head in kept
        ).rstrip()
        for i in range(len(models) + 1)
    ]
    return lines, [head for head in COLUMNS if head in left_out]


def whole(name: str, spec: Mapping[str, Any], width: int) -> str:
    """Return everything about a model, a line or more a key."""
    keys = {key: value for key, value in spec.items() if key != "facts"}
    pairs = {"model": name, **keys, **spec.get("facts", {})}
    wide = max(map(len, pairs)) + 2
    lines = []
    for key, value in pairs.items():
        said = folded(one_line(in_words(value)), max(20, width - wide))
        lines += [f"{(key if not i else ''):{wide}}{line}" for i, line in enumerate(said or [""])]
    return "\n".join(lines)


def folded(text: str, width: int) -> list[str]:
    """Return a text in lines of at most 100 characters, fewer in a narrower terminal."""
    return textwrap.wrap(text, min(width, 100), break_on_hyphens=False)
