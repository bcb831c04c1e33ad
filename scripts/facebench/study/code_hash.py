"""A hash of the code that a script runs: as a parameter of its rule, an edit reruns the rule."""

from functools import cache
from hashlib import sha256
from modulefinder import ModuleFinder
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parents[2]
PACKAGE = SCRIPTS / "facebench"

#: A package that lists its modules, each of which has a hash of its own: not followed, or a change
#: of one protocol would rerun all.
LIST_OF_MODULES = "facebench.evaluation"


class Imports(ModuleFinder):
    """Finds what a script imports, except the modules that `LIST_OF_MODULES` lists."""

    def scan_code(self, co: Any, m: Any) -> None:
        """Follow the imports of a module."""
        if m.__name__ != LIST_OF_MODULES:
            super().scan_code(co, m)


@cache
def library(script: str) -> str:
    """Return a hash of a script and the package files it imports, at any depth, and their data.

    An edit of any of them changes it, and nothing else does: neither a checkout nor a touched file.
    """
    finder = Imports(path=[str(SCRIPTS)])
    finder.run_script(str(SCRIPTS / script))
    finder.modules.pop(LIST_OF_MODULES, None)
    modules = [getattr(module, "__file__", None) for module in finder.modules.values()]
    files = {Path(file) for file in modules if file}
    used = {file for file in files if file.is_relative_to(PACKAGE)}
    used |= {data for file in used for data in file.parent.glob("*.toml")}
    digest = sha256()
    for file in [SCRIPTS / script, *sorted(used)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
