"""Experiments with attacks: who is still found, by one model, by several, and in words."""

for job in jobs.poison_jobs(config):

    rule:
        name:
            job.name
        input:
            jobs.poisoned_files(config, job),
        output:
            # `update`: numbers of vectors that haven't changed are kept.
            metrics=update(
                [
                    layout.metrics("{study}", job.dataset, crop, "{model}", experiment)
                    for crop in job.crops
                    for experiment in job.protocols
                ]
            ),
            outcomes=update(
                [
                    layout.outcomes("{study}", job.dataset, crop, "{model}", experiment)
                    for crop in job.crops
                    for experiment in job.protocols
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
        threads: 1
        resources:
            mem_mb=more(8000),
            runtime=more(240),
        params:
            code=library("poison.py"),
            study=config["study"],
            dataset=job.dataset,
            crops=job.crops,
            experiments=job.protocols,
            attacks=attack_plan.cloaks(config),
            reencodings=EVALUATE["reencodings"],
            variants={
                "poison": attack_plan.cloak_variants(config),
                "hub_pictures": attack_plan.hub_attacks(config, by_name=False),
                "hub_pictures_by_name": attack_plan.hub_attacks(config, by_name=True),
                "typographic": attack_plan.writing_attacks(config),
            },
            decoys=attack_plan.decoys(config, job.dataset),
            parts=jobs.part_counts(config, job.dataset),
            options=plan.options_of(config, "poison"),
            hubs=plan.options_of(config, "hubs"),
            statistics=STATISTICS,
        script:
            "../scripts/poison.py"


rule poison_across:
    """What several models say together: tested effects, transfer, groups, the vote of two."""
    input:
        attack_plan.outcomes(config),
    output:
        effects="results/{study}/poison-effects.parquet",
        transfer="results/{study}/poison-transfer.parquet",
        groups="results/{study}/poison-groups.parquet",
        votes="results/{study}/poison-votes.parquet",
    log:
        "logs/{study}/poison_across.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=more(8000),
        runtime=more(60),
    params:
        code=library("poison_across.py"),
        faces=attack_plan.attacked(config),
        models=fusions.without(config),
        attacks=attack_plan.attacks(config),
        controls=attack_plan.controls(config),
        vote="vote" in config["poison"]["defences"],
        margin=config["poison"]["margin"],
        statistics=STATISTICS,
    script:
        "../scripts/poison_across.py"


rule my_cloaks:
    """For every person of a data set, in words: are they found, and did the cloak change that?"""
    input:
        outcomes=partial(inputs.answered_outcomes, config),
        attacked=partial(inputs.answered_faces, config),
        decoys=partial(inputs.decoy_faces, config),
    output:
        text=report("results/{study}/{dataset}/my-cloaks.md", category="Results"),
        table="results/{study}/{dataset}/my-cloaks.parquet",
    log:
        "logs/{study}/my_cloaks/{dataset}.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(10),
    params:
        code=library("my_cloaks.py"),
        places=lambda wildcards: attack_plan.answering(config, wildcards.dataset),
        attacks=attack_plan.cloaks(config),
        decoys=lambda wildcards: attack_plan.decoys(config, wildcards.dataset),
        invented=partial(attack_plan.invented_decoys, config),
        trained_on=attack_plan.trained_on(config),
        controls=attack_plan.size_controls(config),
    script:
        "../scripts/my_cloaks.py"
