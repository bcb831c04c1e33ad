"""Snakemake, as `make` starts it: Ctrl-C while it loads ends it with a sentence.

It loads for seconds before it reads the workflow, where `facebench.terminal` takes over.
`python -P scripts/facebench/terminal/start.py` takes its arguments.
"""

import sys
from pathlib import Path

SCRIPTS = str(Path(__file__).resolve().parents[2])


def main() -> None:
    """Run Snakemake with the arguments of this process."""
    sys.path.insert(0, SCRIPTS)
    from facebench.interrupt import without_traceback

    without_traceback(lambda: print("\nStopped before the first step.", file=sys.stderr))
    sys.argv[0] = "snakemake"
    from snakemake.cli import main as snakemake

    snakemake()


if __name__ == "__main__":
    main()
