"""A workflow that uses facebench: its own question, asked of the numbers of a study.

config/README.md explains it.
"""


configfile: "config.yaml"


module facebench:
    snakefile:
        "/path/to/facebench/Snakefile"
    config:
        config


use rule * from facebench as facebench_*


rule best:
    """The model that finds most people first, in the study of config.yaml."""
    default_target: True
    input:
        "results/few/metrics.csv",
    output:
        "best.txt",
    shell:
        "grep ',identify,rank,1,' {input} | sort -t, -k11 -g | tail -n 1 > {output}"
