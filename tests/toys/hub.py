"""Code that is run in a process of its own, which knows no hub but the one on this machine."""

import os
import subprocess
import sys
from pathlib import Path

from tools.rehearsal.hub import COMMIT, hub

__all__ = ["ASK", "COMMIT", "hub", "python"]

ROOT = Path(__file__).parents[2]

#: Code that prints what is missing of the models in its argument, and loads no library for it.
ASK = """
import json, sys, time
from facebench.models import missing_weights
start = time.monotonic()
print(json.dumps(missing_weights(json.loads(sys.argv[1]))))
assert "torch" not in sys.modules and "open_clip" not in sys.modules
assert time.monotonic() - start < 40
"""


def python(code, *arguments, **env):
    """Run Python code in a process of its own, with an environment that knows no other hub."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}", "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**clean, **paths, **env}, timeout=200
    )
