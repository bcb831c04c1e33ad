"""What people read: one table of all numbers, a summary, pictures, and the pages of the report."""

#: A category of Snakemake's report.
FOUND = "What was found"


rule collect:
    """All numbers of the study in one table, with their comparisons and records."""
    input:
        metrics=plan.metric_tables(config),
        comparisons=plan.comparison_tables(config),
        models=[layout.model(name) for name in EVALUATE["models"]],
    output:
        metrics="results/{study}/metrics.parquet",
        csv="results/{study}/metrics.csv",
        comparisons="results/{study}/comparisons.parquet",
        records="results/{study}/records.parquet",
        models="results/{study}/models.parquet",
    log:
        "logs/{study}/collect.log",
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=more(4000),
        runtime=more(30),
    params:
        code=library("collect.py"),
        facts={name: config["models"][name].get("facts", {}) for name in EVALUATE["models"]},
    script:
        "../scripts/collect.py"


rule groups:
    """Errors at a threshold by group of people: is everybody recognised equally well?"""
    input:
        outcomes=[layout.outcomes("{study}", *where) for where in plan.outcomes_by_group(config)],
        images=[layout.images(dataset) for dataset in EVALUATE["datasets"]],
    output:
        "results/{study}/groups.parquet",
    log:
        "logs/{study}/groups.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(8000),
        runtime=more(60),
    params:
        code=library("groups.py"),
        jobs=plan.outcomes_by_group(config),
        attributes=config["poison"]["groups"],
        statistics=STATISTICS,
    script:
        "../scripts/groups.py"


rule thresholds:
    """The score at which to accept a pair, by data set, crop and model: for use elsewhere."""
    input:
        metrics=[layout.metrics("{study}", *where, "verify") for where in plan.verified(config)],
        outcomes=[layout.outcomes("{study}", *where, "verify") for where in plan.verified(config)],
    output:
        "results/{study}/thresholds.json",
    log:
        "logs/{study}/thresholds.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(10),
    params:
        code=library("thresholds.py"),
    script:
        "../scripts/thresholds.py"


if plan.models_that_identify(config):

    rule task_results:
        """The numbers of each model in the shape of MTEB's results."""
        input:
            metrics="results/{study}/metrics.parquet",
            records="results/{study}/records.parquet",
        output:
            [layout.task_result("{study}", name) for name in plan.models_that_identify(config)],
        log:
            "logs/{study}/task_results.log",
        localrule: True
        conda:
            "../envs/data.yaml"
        resources:
            mem_mb=more(2000),
            runtime=more(10),
        params:
            code=library("task_results.py"),
            models=plan.models_that_identify(config),
        script:
            "../scripts/task_results.py"


rule summary:
    """The table that a study ends with: recognition, verification, naming and failures by model."""
    input:
        metrics="results/{study}/metrics.parquet",
        comparisons="results/{study}/comparisons.parquet",
        records="results/{study}/records.parquet",
        transfer=branch(
            attack_plan.cloaks(config),
            then=["results/{study}/poison-transfer.parquet"],
            otherwise=[],
        ),
    output:
        "results/{study}/summary.md",
    log:
        "logs/{study}/summary.log",
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(10),
    params:
        code=library("summary.py"),
        left_out=measurable.left_out(config),
        own_crops=plan.own_crops(config),
        warnings=measurable.warnings(config),
    script:
        "../scripts/summary.py"


if plan.fused(config):

    rule fusions:
        """What fusions of two models gain over each of them in verification."""
        input:
            inputs.fusions_and_parts(config),
        output:
            "results/{study}/fusions.parquet",
        log:
            "logs/{study}/fusions.log",
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=more(16000),
            runtime=more(240),
        params:
            code=library("fusions.py"),
            places=plan.fused(config),
            of=fusions.parts_of(config),
            parts={name: config["datasets"][name]["parts"] for name in EVALUATE["datasets"]},
            options=config["verify"],
            statistics=config["statistics"],
        script:
            "../scripts/fusions.py"


rule claims:
    """What the study says to the claims of others: a test and a verdict on each."""
    input:
        metrics="results/{study}/metrics.parquet",
        comparisons="results/{study}/comparisons.parquet",
        models="results/{study}/models.parquet",
        outcomes=plan.identified(config),
        transfer=branch(
            attack_plan.cloaks(config),
            then=["results/{study}/poison-transfer.parquet"],
            otherwise=[],
        ),
        fusions=branch(plan.fused(config), then=["results/{study}/fusions.parquet"], otherwise=[]),
    output:
        text="results/{study}/claims.md",
        table="results/{study}/claims.parquet",
    log:
        "logs/{study}/claims.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(4000),
        runtime=more(30),
    params:
        code=library("claims.py"),
        statistics=config["statistics"],
    script:
        "../scripts/claims.py"


rule accuracy_size:
    """Rank-1 identification against the size of the model, with intervals over people."""
    input:
        metrics="results/{study}/metrics.parquet",
        models=[layout.model(name) for name in EVALUATE["models"]],
    output:
        svg=report(
            "results/{study}/accuracy-size.svg",
            caption="captions/accuracy-size.rst",
            category=FOUND,
            labels={"what": "accuracy against size"},
        ),
        png="results/{study}/accuracy-size.png",
    log:
        "logs/{study}/accuracy_size.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(10),
    params:
        code=library("accuracy_size.py"),
    script:
        "../scripts/accuracy_size.py"


rule cloaks_picture:
    """What cloaks do to every model: the share of searches that fail."""
    input:
        "results/{study}/poison-transfer.parquet",
    output:
        report(
            "results/{study}/report/cloaks.svg",
            caption="captions/cloaks.rst",
            category=FOUND,
            labels={"what": "what cloaks do"},
        ),
    log:
        "logs/{study}/cloaks_picture.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(10),
    params:
        code=library("cloaks_picture.py"),
    script:
        "../scripts/cloaks_picture.py"


for text, title in {"summary": "Summary", "claims": "Claims of others"}.items():

    rule:
        name:
            f"{text}_page"
        input:
            layout.result("{study}", f"{text}.md"),
        output:
            report(
                layout.result("{study}", f"report/{text}.html"),
                caption=f"captions/{text}.rst",
                category=FOUND,
                labels={"what": title.lower()},
            ),
        log:
            f"logs/{{study}}/{text}_page.log",
        localrule: True
        conda:
            "../envs/data.yaml"
        resources:
            mem_mb=more(1000),
            runtime=more(10),
        params:
            code=library("report_page.py"),
            title=title,
        script:
            "../scripts/report_page.py"


rule report:
    """All that Snakemake's report shows: `make report`."""
    input:
        plan.results(config),
        plan.report_pages(config),
