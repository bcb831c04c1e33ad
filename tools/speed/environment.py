"""An environment with clip-retrieval, which needs older libraries than facebench."""

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

#: The last release; one of its libraries needs what setuptools no longer has from 81 on.
WANTED = ("clip-retrieval==2.45.0", "setuptools<81")
#: The interpreter that its libraries have wheels for.
PYTHON = "3.11"


def python_of(folder: Path) -> str | None:
    """Return the Python of an environment with clip-retrieval, made in `folder` unless it is there.

    With the same torch as facebench's, so that the loops differ and not the library. None, with a
    line on the screen, where it can't be made.
    """
    python = folder / "bin" / "python"
    if not python.exists() and not made(folder, python):
        return None
    code = "from clip_retrieval.clip_inference import mapper, reader, runner, writer"
    found = subprocess.run([str(python), "-c", code], capture_output=True, text=True)  # noqa: S603
    if found.returncode:
        last = found.stderr.strip().splitlines()[-1:]
        print(f"clip-retrieval in {folder} doesn't start: {' '.join(last)}", file=sys.stderr)
        return None
    return str(python.absolute())


def made(folder: Path, python: Path) -> bool:
    """Make the environment with uv; return whether that went well."""
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        print("There is no uv to install clip-retrieval with.", file=sys.stderr)
        return False
    same = [f"{name}=={version(name).partition('+')[0]}" for name in ("torch", "torchvision")]
    steps = (
        [uv, "venv", "--python", PYTHON, str(folder)],
        [uv, "pip", "install", "--python", str(python), *WANTED, *same],
    )
    for command in steps:
        if subprocess.run(command).returncode:  # noqa: S603 (as above)
            print(f"clip-retrieval can't be installed in {folder}.", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            return False
    return True
