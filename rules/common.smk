"""The configuration, checked, and the names that wildcards may take."""

import atexit
import re
import sys
from functools import partial
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

sys.path.insert(0, f"{PROGRAM}/scripts")

from facebench import at_work, running, slurm_queue
from facebench.errors import UserError
from facebench.store import layout
from facebench.study import (
    attack_plan,
    crowd,
    data_inputs,
    embed_jobs,
    fusions,
    inputs,
    jobs,
    measurable,
    outlook,
    photographs,
    plan,
    start,
    trained,
)
from facebench.study.cloaks_beside import endings_beside
from facebench.study.code_hash import library
from facebench.study.config import checked, study_name
from facebench.study.config_files import from_command_line, read_yaml
from facebench.study.model_files import laid_over
from facebench.study.resources import more
from facebench.terminal import answers, brief, look, plans, what_next

try:
    for entry in from_command_line(workflow.config_settings.config_args or []):
        update_config(config, entry)
    # A module that is given a configuration reads no file of its own.
    config = laid_over(read_yaml(Path(PROGRAM, "config.yaml")), config)
    config = checked(config, f"{PROGRAM}/rules/schema")
    config["study"] = study_name(config, workflow.overwrite_configfiles)
    config["poison"]["decoys"] = crowd.decoys(config)
    inputs.check(config)
    measurable.something_to_measure(config)
except UserError as error:
    raise WorkflowError(str(error)) from None
except UnicodeEncodeError:
    raise WorkflowError(str(start.not_in_utf8())) from None

start.write_utf8()

# Not in the processes that a cluster's jobs start, nor where nothing will be written.
if workflow.is_main_process and not workflow.output_settings.dryrun:
    running.begin(config["study"])

EVALUATE = config["evaluate"]
# What every number depends on; `margin` is of comparisons alone.
STATISTICS = {key: value for key, value in config["statistics"].items() if key != "margin"}


def one_of(names):
    """Return a wildcard constraint: one of these names; what matches nothing if there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    study=one_of([config["study"]]),
    dataset=one_of(config["datasets"]),
    crop=one_of(config["crops"]),
    attack=one_of(config["attacks"]),
    model=one_of(config["models"]),
    recipe=one_of(config["pretrain"]["recipes"]),
    part=r"\d{4}",


def check_what_is_here():
    """Refuse to start when files are neither here nor downloadable; else say what is to come."""
    if missing := outlook.missing_files(config):
        raise WorkflowError(str(UserError("\n".join(missing))))
    print(*outlook.lines(config), sep="\n", file=sys.stderr, flush=True)


def cancel_what_is_left():
    """Cancel jobs that a killed run left on a cluster: this run makes the same files."""
    if left := slurm_queue.cancel_left():
        said = f"An earlier run was killed: its jobs in Slurm are cancelled ({', '.join(left)})."
        print(said, file=sys.stderr, flush=True)


def foretell():
    """In a dry run say what a run would take and what it lacks, and who is at work, at its end.

    Before a list of all jobs, which is long, also at once.
    """
    missing = [f"missing: {sentence}" for sentence in outlook.missing_files(config)]
    others = [f"{work}, and goes on." for work in at_work.runs()]
    told = [*outlook.lines(config, in_full=True), *missing, *others]
    lines = [str(UserError(line)) for line in told]
    say = partial(print, *lines, sep="\n", file=sys.stderr, flush=True)
    if not plans(workflow.output_settings):
        say()
    atexit.register(say)


def show_summary():
    """Print what was found and where it lies, unless the run was for another target."""
    summary = Path(layout.result(config["study"], "summary.md"))
    targets = workflow.dag_settings.targets if workflow.dag_settings else ()
    if summary.exists() and (not targets or "all" in targets):
        own = set(plan.own_crops(config).values())
        print(brief(summary.read_text(encoding="utf-8"), own), end="\n\n")
        print(what_next(summary.parent, *WHERE), flush=True)
        # The answer comes last, where eyes are.
        for page in map(Path, attack_plan.my_cloaks_pages(config)):
            print(
                "",
                *answers(page.read_text(encoding="utf-8")),
                f"More: {page}",
                sep="\n",
                flush=True,
            )


# The checkout, and the study's files as they were given.
WHERE = (PROGRAM, workflow.overwrite_configfiles)
if terminal is not None:
    terminal.look = look(Path(layout.result(config["study"], "summary.md")).parent, *WHERE)
