"""What a run shows in the terminal: see `facebench.terminal`. Included before anything can fail."""

import sys

from snakemake.logging import logger

sys.path.insert(0, f"{workflow.basedir}/scripts")

from facebench.terminal import take_over

# Not in the processes that a cluster's jobs start: their output is that job's own log.
if workflow.is_main_process:
    take_over(logger, workflow.output_settings, workflow.logger_manager.get_logfile)
