"""What people read: one table of all numbers, a summary, the picture of accuracy against size."""


rule collect:
    """All numbers of the study in one table, with their comparisons and records."""
    localrule: True
    input:
        metrics=metric_tables(),
        comparisons=comparison_tables(),
        code=library("collect.py"),
    output:
        metrics="results/metrics.parquet",
        csv="results/metrics.csv",
        comparisons="results/comparisons.parquet",
        records="results/records.parquet",
    log:
        "logs/collect.log",
    conda:
        "../envs/data.yaml"
    shadow:
        "minimal"
    resources:
        mem_mb=4000,
        runtime=30,
    script:
        "../scripts/collect.py"


rule summary:
    """The table that a study ends with: recognition, verification, naming and failures by model."""
    localrule: True
    input:
        metrics="results/metrics.parquet",
        comparisons="results/comparisons.parquet",
        records="results/records.parquet",
        code=library("summary.py"),
    output:
        "results/summary.md",
    log:
        "logs/summary.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    script:
        "../scripts/summary.py"


rule accuracy_size:
    """Rank-1 identification against the size of the model, with intervals: is bigger better?"""
    localrule: True
    input:
        metrics="results/metrics.parquet",
        models=collect("results/models/{model}.json", model=EVALUATE["models"]),
        code=library("accuracy_size.py"),
    output:
        svg=report("results/accuracy-size.svg", category="Results"),
        png="results/accuracy-size.png",
    log:
        "logs/accuracy_size.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    script:
        "../scripts/accuracy_size.py"
