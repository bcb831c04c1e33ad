"""What must be right before Snakemake starts: `make run` calls this, and the Snakefile what it can.

`python -m facebench.study.start [STUDY]` ends with a sentence where a study can't be run.
"""

import locale
import os
import shlex
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from facebench.errors import UserError
from facebench.study import model_files
from facebench.study.config_files import check_files

ROOT = Path(__file__).parents[3]


def main(studies: Sequence[str]) -> int:
    """Return the exit status; the sentences go to stderr."""
    try:
        check_python()
        check_cache()
        check_studies(studies)
        check_files([ROOT / "config.yaml", *model_files.files(), *studies])
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def check_python() -> None:
    """Raise `UserError` if Snakemake can't start jobs with this Python."""
    if shlex.quote(sys.executable) != sys.executable:
        raise UserError(
            f"This Python is {sys.executable!r}, and Snakemake can't start a path with spaces or"
            " signs: move the folder of facebench to a path without them, remove .venv, and run"
            " `make run`."
        )


def write_utf8() -> None:
    """Let the jobs of this process read and write UTF-8, whatever the language of this machine."""
    os.environ["PYTHONUTF8"] = "1"


def not_in_utf8() -> UserError:
    """Return what is said where a name can't be written in the encoding of this process."""
    encoding = locale.getpreferredencoding(False)
    return UserError(f"Python reads and writes text as {encoding} here: set PYTHONUTF8=1.")


def check_studies(paths: Sequence[str]) -> None:
    """Raise `UserError` for a study that isn't there, with those that are."""
    there = sorted(f"studies/{path.name}" for path in (ROOT / "studies").glob("*.yaml"))
    for path in paths:
        if not os.path.isfile(path):
            names = {Path(one).stem: one for one in there}
            close = get_close_matches(Path(path).stem, names, n=1)
            meant = f" (did you mean {names[close[0]]}?)" if close else ""
            raise UserError(f"There is no study {path}{meant}; there are: {', '.join(there)}.")


def check_cache() -> None:
    """Raise `UserError` if Snakemake and numba can't keep what they keep in the user's cache."""
    if sys.platform == "darwin" and "XDG_CACHE_HOME" not in os.environ:
        return
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(
            f"Nothing can be written to {folder}, where Snakemake and numba keep files: set"
            " XDG_CACHE_HOME to a folder where that is possible."
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
