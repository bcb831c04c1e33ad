"""Snakemake, as `make` starts it: Ctrl-C while it loads ends it with a sentence.

It loads for seconds before it reads the workflow, where `facebench.terminal` takes over.
`PYTHONPATH=scripts python -m facebench.terminal.start` takes its arguments.
"""

import os
import sys

from facebench.interrupt import without_traceback


def main() -> None:
    """Run Snakemake with the arguments of this process."""
    without_traceback(lambda: print("\nStopped before the first step.", file=sys.stderr))
    # The steps find the package by the place of their script.
    os.environ.pop("PYTHONPATH", None)
    sys.argv[0] = "snakemake"
    from snakemake.cli import main as snakemake

    snakemake()


if __name__ == "__main__":
    main()
