"""A process that is a run at work in a folder."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "scripts"
HOLDS = """
import sys
from facebench import running
{does}
print("held", flush=True)
sys.stdin.read()
"""
#: What a process does to be a run, of which two of nine steps are done; a step without a run.
RUN = "running.begin({study!r}); running.note(done=2, total=9)"
STEP = "running.FOLDER.mkdir(parents=True); running._hold('step')"


@contextmanager
def working(folder, does):
    """Have a process at work in a folder; it is killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS.format(does=does)], cwd=folder, env={"PYTHONPATH": SCRIPTS},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == b"held\n"
        yield process
    finally:
        process.kill()
        process.communicate()
