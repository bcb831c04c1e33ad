"""Snakemake in processes that are forked from one in which its libraries are loaded already.

They are a third of what a start costs, and tests start Snakemake more than a hundred times.
"""

import atexit
import os
import subprocess
import sys
import traceback
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

CONTEXT = get_context("forkserver")
# Nothing of our own: a run reads the code, and the folder, that it is given.
CONTEXT.set_forkserver_preload(
    ["snakemake.cli", "snakemake.report.html_reporter", "snakemake.executors.local", "jsonschema"]
)


def snakemake(arguments, env):
    """Run Snakemake with these arguments and this environment; return the finished process."""
    with TemporaryDirectory() as folder:
        said = [Path(folder) / name for name in ("stdout", "stderr")]
        process = CONTEXT.Process(target=_run, args=(arguments, env, os.getcwd(), said))
        with main_of_nobody():
            process.start()
        try:
            process.join()
        finally:
            process.kill()
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in said]
    return subprocess.CompletedProcess(arguments, process.exitcode, *texts)


@contextmanager
def main_of_nobody():
    """Hide what is the main program, which the child would run first: a page, after its tests."""
    ours = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = ours


def _run(arguments, env, folder, said):
    """Be `python -m snakemake` from here on, with all that it writes in the files `said`."""
    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["snakemake", *arguments]
    from snakemake.cli import main

    status = 1
    try:
        main(arguments)
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else bool(status))
