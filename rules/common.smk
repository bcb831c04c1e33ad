"""Configuration, registries and the few helpers that rules share: all Python of the Snakefile."""

import re
import sys
from modulefinder import ModuleFinder
from os.path import relpath
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, f"{workflow.basedir}/scripts")

from facebench.config import checked
from facebench.errors import UserError

try:
    config = checked(config, f"{workflow.basedir}/rules/config.schema.yaml")
except UserError as error:
    raise WorkflowError(str(error)) from None

EVALUATE = config["evaluate"]


wildcard_constraints:
    dataset="|".join(map(re.escape, config["datasets"])),
    crop="|".join(map(re.escape, config["crops"])),
    variant="clean",
    model="|".join(map(re.escape, config["models"])),


def library(script):
    """Return the package files that a script imports, at any depth: editing one reruns its rule."""
    finder = ModuleFinder(path=[f"{workflow.basedir}/scripts"])
    finder.run_script(f"{workflow.basedir}/scripts/{script}")
    files = {module.__file__ for module in finder.modules.values() if module.__file__}
    return sorted(relpath(file) for file in files if "/facebench/" in file)
