"""Protocols: from the vectors of faces to the numbers of metrics.parquet, and their comparison."""

from functools import partial

from facebench.study import plan

# What the study needs of this file: paths.
metric_tables = partial(plan.metric_tables, config)
comparison_tables = partial(plan.comparison_tables, config)
left_out = partial(plan.left_out, config)


rule index:
    """The exact index of all vectors of a data set under one model."""
    input:
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
    output:
        "results/{dataset}/{crop}/{variant}/{model}/index.faiss",
    log:
        "logs/index/{dataset}/{crop}/{variant}/{model}.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        code=library("index.py"),
    script:
        "../scripts/index.py"


rule view2:
    """LFW's View 2 on the listed pairs: accuracy over folds, area, equal error."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/{variant}/{model}/metadata/metadata_0000.parquet",
        pairs="results/{dataset}/pairs.parquet",
    output:
        metrics="results/{dataset}/{crop}/{variant}/{model}/metrics/view2.parquet",
        outcomes="results/{dataset}/{crop}/{variant}/{model}/outcomes/view2.parquet",
    log:
        "logs/view2/{dataset}/{crop}/{variant}/{model}.log",
    benchmark:
        "benchmarks/view2/{dataset}/{crop}/{variant}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=library("view2.py"),
        statistics=config["statistics"],
    script:
        "../scripts/view2.py"


rule verify:
    """Verification over all pairs: TAR at fixed FAR, area, equal error."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/{variant}/{model}/metadata/metadata_0000.parquet",
    output:
        metrics="results/{dataset}/{crop}/{variant}/{model}/metrics/verify.parquet",
        outcomes="results/{dataset}/{crop}/{variant}/{model}/outcomes/verify.parquet",
    log:
        "logs/verify/{dataset}/{crop}/{variant}/{model}.log",
    benchmark:
        "benchmarks/verify/{dataset}/{crop}/{variant}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        code=library("verify.py"),
        far=config["verify"]["far"],
        images=config["verify"]["images"],
        statistics=config["statistics"],
    script:
        "../scripts/verify.py"


rule identify:
    """Closed-set identification: rank-k and mean average precision."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/{variant}/{model}/metadata/metadata_0000.parquet",
    output:
        metrics="results/{dataset}/{crop}/{variant}/{model}/metrics/identify.parquet",
        outcomes="results/{dataset}/{crop}/{variant}/{model}/outcomes/identify.parquet",
    log:
        "logs/identify/{dataset}/{crop}/{variant}/{model}.log",
    benchmark:
        "benchmarks/identify/{dataset}/{crop}/{variant}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        code=library("identify.py"),
        gallery=config["identify"]["gallery"],
        distractors=config["identify"]["distractors"],
        ranks=config["identify"]["ranks"],
        statistics=config["statistics"],
    script:
        "../scripts/identify.py"


rule neighbour:
    """Leave-one-out nearest neighbour, with the list of each picture's neighbours."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/{variant}/{model}/metadata/metadata_0000.parquet",
        index="results/{dataset}/{crop}/{variant}/{model}/index.faiss",
    output:
        metrics="results/{dataset}/{crop}/{variant}/{model}/metrics/neighbour.parquet",
        outcomes="results/{dataset}/{crop}/{variant}/{model}/outcomes/neighbour.parquet",
    log:
        "logs/neighbour/{dataset}/{crop}/{variant}/{model}.log",
    benchmark:
        "benchmarks/neighbour/{dataset}/{crop}/{variant}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        code=library("neighbour.py"),
        ranks=config["neighbour"]["ranks"],
        probes=config["neighbour"]["probes"],
        listed=config["neighbour"]["listed"],
        statistics=config["statistics"],
    script:
        "../scripts/neighbour.py"


rule open_set:
    """Open-set identification: FNIR at fixed FPIR, in two swapped halves."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/{variant}/{model}/metadata/metadata_0000.parquet",
    output:
        metrics="results/{dataset}/{crop}/{variant}/{model}/metrics/open_set.parquet",
        outcomes="results/{dataset}/{crop}/{variant}/{model}/outcomes/open_set.parquet",
    log:
        "logs/open_set/{dataset}/{crop}/{variant}/{model}.log",
    benchmark:
        "benchmarks/open_set/{dataset}/{crop}/{variant}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        code=library("open_set.py"),
        gallery=config["open_set"]["gallery"],
        fpir=config["open_set"]["fpir"],
        rank=config["open_set"]["rank"],
        statistics=config["statistics"],
    script:
        "../scripts/open_set.py"


rule name:
    """Naming by text: how often the true name comes first among many."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/{variant}/{model}/metadata/metadata_0000.parquet",
        names="results/{dataset}/names/{model}.npz",
    output:
        metrics="results/{dataset}/{crop}/{variant}/{model}/metrics/name.parquet",
        outcomes="results/{dataset}/{crop}/{variant}/{model}/outcomes/name.parquet",
    log:
        "logs/name/{dataset}/{crop}/{variant}/{model}.log",
    benchmark:
        "benchmarks/name/{dataset}/{crop}/{variant}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=16000,
        runtime=120,
    params:
        code=library("name.py"),
        candidates=config["name"]["candidates"],
        statistics=config["statistics"],
    script:
        "../scripts/name.py"


rule compare:
    """The difference of every two models on the same searches, corrected for their number."""
    input:
        outcomes=partial(plan.compared_outcomes, config),
    output:
        "results/{dataset}/{crop}/{variant}/comparisons.parquet",
    log:
        "logs/compare/{dataset}/{crop}/{variant}.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        code=library("compare.py"),
        jobs=partial(plan.compared_jobs, config),
        statistics=config["statistics"],
    script:
        "../scripts/compare.py"
