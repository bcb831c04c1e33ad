"""Protocols: from the vectors of faces to numbers and outcomes, and the comparison of models."""

for job in jobs.index_jobs(config):

    rule:
        name:
            job.name
        input:
            embeddings=[
                path
                for crop in job.crops
                for path in jobs.vectors_of(
                    config, job.dataset, crop, layout.CLEAN, "{model}"
                ).embeddings
            ],
        output:
            [
                path
                for crop in job.crops
                for path in jobs.index_files(config, job.dataset, crop, layout.CLEAN, "{model}")
            ],
        log:
            f"logs/{job.name}/{{model}}.log",
        wildcard_constraints:
            model=one_of(job.models),
        conda:
            "../envs/analysis.yaml"
        resources:
            mem_mb=more(8000),
            runtime=more(60),
        params:
            code=library("index.py"),
            dataset=job.dataset,
            parts=config["datasets"][job.dataset]["parts"],
            spec=config["index"],
        script:
            "../scripts/index.py"


for job in jobs.evaluate_jobs(config):

    rule:
        name:
            job.name
        input:
            jobs.evaluated_files(config, job),
        output:
            # `update`: numbers of vectors that haven't changed are kept.
            metrics=update(
                [
                    layout.metrics("{study}", job.dataset, crop, "{model}", protocol)
                    for crop in job.crops
                    for protocol in job.protocols
                ]
            ),
            outcomes=update(
                [
                    layout.outcomes("{study}", job.dataset, crop, "{model}", protocol)
                    for crop in job.crops
                    for protocol in job.protocols
                ]
            ),
        log:
            f"logs/{{study}}/{job.name}/{{model}}.log",
        benchmark:
            f"benchmarks/{{study}}/{job.name}/{{model}}.tsv"
        wildcard_constraints:
            model=one_of(job.models),
        conda:
            "../envs/analysis.yaml"
        threads: job.threads
        resources:
            mem_mb=more(16000),
            runtime=more(240),
        params:
            code={name: library(f"facebench/evaluation/{name}.py") for name in job.protocols},
            index=config["index"],
            study=config["study"],
            dataset=job.dataset,
            crops=job.crops,
            protocols=job.protocols,
            parts=config["datasets"][job.dataset]["parts"],
            strangers={
                name: config["datasets"][name]["parts"]
                for name in plan.strangers(config, job.dataset)
            },
            lists=plan.lists(config, job.dataset),
            options={name: plan.options_of(config, name) for name in job.protocols},
            statistics=STATISTICS,
        script:
            "../scripts/evaluate.py"


for dataset in plan.compared_datasets(config):

    rule:
        name:
            jobs.rule_name("compare", dataset)
        input:
            plan.compared_outcomes(config, dataset),
        output:
            [
                layout.comparisons("{study}", dataset, crop)
                for crop in plan.chosen(config, dataset, "crops")
            ],
        log:
            f"logs/{{study}}/compare/{dataset}.log",
        conda:
            "../envs/analysis.yaml"
        resources:
            mem_mb=more(8000),
            runtime=more(60),
        params:
            code=library("compare.py"),
            dataset=dataset,
            jobs=plan.compared(config, dataset),
            crops=plan.chosen(config, dataset, "crops"),
            statistics=config["statistics"],
        script:
            "../scripts/compare.py"
