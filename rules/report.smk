"""What people read: one table of all numbers, a summary, the picture of accuracy against size."""


rule collect:
    """All numbers of the study in one table, with their comparisons and records."""
    input:
        metrics=metric_tables(),
        comparisons=comparison_tables(),
        models=expand("results/models/{model}.json", model=EVALUATE["models"]),
    output:
        metrics="results/metrics.parquet",
        csv="results/metrics.csv",
        comparisons="results/comparisons.parquet",
        records="results/records.parquet",
        models="results/models.parquet",
    log:
        "logs/collect.log",
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=library("collect.py"),
        facts={name: config["models"][name].get("facts", {}) for name in EVALUATE["models"]},
    script:
        "../scripts/collect.py"


rule summary:
    """The table that a study ends with: recognition, verification, naming and failures by model."""
    input:
        metrics="results/metrics.parquet",
        comparisons="results/comparisons.parquet",
        records="results/records.parquet",
        transfer=branch(ATTACKS, then=["results/poison-transfer.parquet"], otherwise=[]),
    output:
        "results/summary.md",
    log:
        "logs/summary.log",
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=library("summary.py"),
        left_out=left_out(),
    script:
        "../scripts/summary.py"


rule accuracy_size:
    """Rank-1 identification against the size of the model, with intervals over people."""
    input:
        metrics="results/metrics.parquet",
        models=collect("results/models/{model}.json", model=EVALUATE["models"]),
    output:
        svg=report("results/accuracy-size.svg", category="Results"),
        png="results/accuracy-size.png",
    log:
        "logs/accuracy_size.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=library("accuracy_size.py"),
    script:
        "../scripts/accuracy_size.py"
