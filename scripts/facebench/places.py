"""Where the files are that a configuration names."""

import os
from pathlib import Path

#: The folder of the program, with config.yaml.
PROGRAM = Path(__file__).parents[2]


def local(path: str) -> Path:
    """Return a path of the configuration, with ~ and environment variables filled in.

    It is looked for in the working directory, then in the program's folder: the small models'
    weights are there, wherever a study runs.
    """
    place = Path(os.path.expandvars(path)).expanduser()
    ours = PROGRAM / place
    return ours if ours.exists() and not place.exists() else place
