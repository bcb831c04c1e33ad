"""Make the environment that Snakemake runs in on a cluster: `make cluster` runs this.

    .venv/bin/python -m tools.cluster_env .venv/slurm

It has Snakemake's plugins for Slurm, in the versions of envs/slurm.yaml, and all else from the
environment that this program runs in. With the plugins every start of Snakemake takes longer, so
they are not in that one.
"""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

PINS = Path(__file__).resolve().parents[1] / "envs" / "slurm.yaml"
PLUGIN = "snakemake-executor-plugin-"


def main(folder: str | Path) -> int:
    """Make the environment `folder`; return the exit status of pip."""
    venv.create(folder, with_pip=False, clear=True)
    python = Path(folder) / "bin" / "python"
    done = subprocess.run(  # noqa: S603 - our own Python
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"),
            *("--quiet", "--disable-pip-version-check", *plugins(PINS.read_text())),
        ],
        check=False,
    )
    own = sysconfig.get_path("purelib", vars={"base": str(folder)})
    Path(own, "facebench.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return done.returncode


def plugins(environment: str) -> list[str]:
    """Return the pinned plugins of a conda environment's file.

    >>> plugins("  - pip:\\n      - snakemake==9\\n      - snakemake-executor-plugin-slurm==2\\n")
    ['snakemake-executor-plugin-slurm==2']
    """
    pins = [line.strip(" -") for line in environment.splitlines() if "==" in line]
    return [pin for pin in pins if pin.startswith(PLUGIN)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
