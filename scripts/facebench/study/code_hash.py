"""A hash of the code that a script runs: as a parameter of its rule, an edit reruns the rule."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

SCRIPTS = Path(__file__).parents[2]
PACKAGE = SCRIPTS / "facebench"

#: An import in a source. Parsing these alone takes a quarter of the time of whole files, for which
#: every start of Snakemake waits. A line of a docstring that looks like one counts as one.
IMPORT = re.compile(r"^[ \t]*((?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:\([^)]*\)|[^\n]*))", re.M)

#: A package that lists its modules, each of which has a hash of its own: not followed, or a change
#: of one protocol would rerun all.
LIST_OF_MODULES = "evaluation/__init__.py"


@cache
def library(script: str) -> str:
    """Return a hash of a script and the package files it imports, at any depth, and their data.

    An edit of any of them changes it, and nothing else does: neither a checkout nor a touched file.
    """
    used = {file for file in sources(script) if file.is_relative_to(PACKAGE)}
    used |= {data for file in used for data in file.parent.glob("*.toml")}
    digest = sha256()
    for file in [SCRIPTS / script, *sorted(used)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def sources(script: str) -> set[Path]:
    """Return a script and all files below `SCRIPTS` that it imports, at any depth."""
    found: set[Path] = set()
    left = {SCRIPTS / script}
    while left:
        found |= left
        left = set().union(*map(_imported, left)) - found
    return found


# Every rule asks, and most scripts import the same: a file is read once for all.
@cache
def _imported(file: Path) -> frozenset[Path]:
    """Return the files below `SCRIPTS` that a file imports itself, wherever in it."""
    statements = IMPORT.findall(file.read_text(encoding="utf-8"))
    files = {
        found
        for text in statements
        for name in _names(text, file)
        for found in _files(SCRIPTS, name)
    }
    return frozenset(files - {PACKAGE / LIST_OF_MODULES})


def _names(statement: str, file: Path) -> Iterator[str]:
    """Yield the dotted names that a statement of a file imports, among them some in a module."""
    try:
        (node,) = ast.parse(statement).body
    except (SyntaxError, ValueError):  # prose in a docstring
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = file.relative_to(SCRIPTS).parts[: -node.level] if node.level else ()
        start = ".".join([*above, *filter(None, [node.module])])
        yield from (f"{start}.{alias.name}" for alias in node.names)


@cache
def _files(folder: Path, name: str) -> tuple[Path, ...]:
    """Return the files of a module and of the packages that it is in, as far as they are ours."""
    package, _, _ = name.rpartition(".")
    above = _files(folder, package) if package else ()
    if package and not above:
        return ()
    place = folder.joinpath(*name.split("."))
    own = (place.with_suffix(".py"), place / "__init__.py")
    return (*above, *(file for file in own if file.is_file()))
