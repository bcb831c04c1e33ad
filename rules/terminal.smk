"""What a run shows in the terminal: see `facebench.terminal`. Included before anything can fail.

And what can be checked before Snakemake reads config.yaml, about whose mistakes it says little.
"""

import sys

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.shell import shell

sys.path.insert(0, f"{PROGRAM}/scripts")

from facebench import interrupt
from facebench.errors import UserError
from facebench.study import model_files, start
from facebench.study.config_files import check_files
from facebench.terminal import take_over

terminal = None
# Not in the processes that a cluster's jobs start: their output is that job's own log. Not in
# another workflow that uses this one: what its steps say is its own affair.
if workflow.is_main_process and workflow.basedir == PROGRAM:
    terminal = take_over(logger, workflow.output_settings, workflow.logger_manager.get_logfile)
if terminal is not None and terminal.listens:
    # What Snakemake itself puts there for bash, and more.
    bash = "bash" in (shell.get_executable() or "")
    shell.prefix(("set -euo pipefail; " if bash else "") + interrupt.DEAF)

try:
    start.check_python()
    given = workflow.overwrite_configfiles
    check_files([f"{PROGRAM}/config.yaml", *model_files.files(), *given])
except UserError as error:
    raise WorkflowError(str(error)) from None
