"""facebench: how well CLIP models recognise faces, and whether cloaks stop it.

`snakemake --cores all` runs the study in config.yaml;
`snakemake --cores all --configfile studies/lfw.yaml` another one.
"""

from snakemake.utils import min_version

min_version("9.25")

# The folder of this file, also where another workflow uses it as a module.
PROGRAM = str(workflow.current_basedir)


include: "rules/terminal.smk"


# Always this file, also in another working directory: it holds the registries. A study given with
# `--configfile` is laid over it.
configfile: f"{PROGRAM}/config.yaml"


report: "rules/captions/workflow.rst"


include: "rules/common.smk"
include: "rules/data.smk"
include: "rules/faces.smk"
include: "rules/attack.smk"
include: "rules/pretrain.smk"
include: "rules/embed.smk"
include: "rules/evaluate.smk"
include: "rules/poison.smk"
include: "rules/report.smk"


rule all:
    """Everything that the configuration asks for."""
    default_target: True
    input:
        plan.results(config),


if workflow.is_main_process and workflow.output_settings.dryrun:
    foretell()


onstart:
    cancel_what_is_left()
    # A file that can't be downloaded would otherwise stop the run only when its turn comes.
    check_what_is_here()


onsuccess:
    show_summary()
