"""A hash of the code that a script runs: as a parameter of its rule, an edit reruns the rule."""

import ast
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

SCRIPTS = Path(__file__).parents[2]
PACKAGE = SCRIPTS / "facebench"

#: A package that lists its modules, each of which has a hash of its own: not followed, or a change
#: of one protocol would rerun all.
LIST_OF_MODULES = "evaluation/__init__.py"


@cache
def library(script: str) -> str:
    """Return a hash of a script and the package files it imports, at any depth, and their data.

    An edit of any of them changes it, and nothing else does: neither a checkout nor a touched file.
    """
    found, left = set(), {SCRIPTS / script}
    while left:
        found |= left
        left = set().union(*map(_imported, left)) - found
    used = {file for file in found if file.is_relative_to(PACKAGE)}
    used |= {data for file in used for data in file.parent.glob("*.toml")}
    digest = sha256()
    for file in [SCRIPTS / script, *sorted(used)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


# Every rule asks, and most scripts import the same: a file is read once for all.
@cache
def _imported(file: Path) -> frozenset[Path]:
    """Return the files below `SCRIPTS` that a file imports itself, wherever in it."""
    names = _names(ast.parse(file.read_bytes()), file)
    files = {found for name in names for found in _files(SCRIPTS, name)}
    return frozenset(files - {PACKAGE / LIST_OF_MODULES})


def _names(node: ast.AST, file: Path) -> Iterator[str]:
    """Yield the dotted names that are imported, among them some of what is in a module."""
    for below in ast.iter_child_nodes(node):
        if isinstance(below, ast.Import):
            yield from (alias.name for alias in below.names)
        elif isinstance(below, ast.ImportFrom):
            above = file.relative_to(SCRIPTS).parts[: -below.level] if below.level else ()
            start = ".".join([*above, *filter(None, [below.module])])
            yield from (f"{start}.{alias.name}" for alias in below.names)
        elif not isinstance(below, ast.expr):
            yield from _names(below, file)


@cache
def _files(folder: Path, name: str) -> tuple[Path, ...]:
    """Return the files of a module and of the packages that it is in, as far as they are there."""
    parts = name.split(".")
    places = [folder.joinpath(*parts[: i + 1]) for i in range(len(parts))]
    files = [file for place in places for file in (Path(f"{place}.py"), place / "__init__.py")]
    return tuple(file for file in files if file.is_file())
