"""Files that come inside installed packages."""

from importlib.util import find_spec
from pathlib import Path

from facebench.errors import UserError


def in_package(module: str, file: str) -> Path:
    """Return the path of a file inside the folder of a package, which isn't imported.

    (Importing face_recognition_models, say, needs pkg_resources, which newer Pythons lack.)
    Raises `UserError` if the package, or the file in it, is missing.

    >>> in_package("facebench", "errors.py").name
    'errors.py'
    """
    spec = find_spec(module)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / file).is_file():
            return Path(folder) / file
    package = module.replace("_", "-")
    raise UserError(f"{Path(file).name} is missing: install the package {package}, which holds it.")
