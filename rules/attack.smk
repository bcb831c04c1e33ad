"""Attacks: the same faces with other pixels, and what is left of them when they are saved again."""

for dataset in attack_plan.attacked_datasets(config):

    rule:
        name:
            jobs.rule_name("attack", dataset)
        input:
            faces=[
                layout.faces(dataset, crop) for crop in attack_plan.attacked_crops(config, dataset)
            ],
            models=partial(inputs.surrogate_models, config),
            embeddings=inputs.surrogate_vectors(config, dataset),
            images=layout.images(dataset),
            landmarks=layout.landmarks(dataset),
        output:
            # `update`: a crop whose faces haven't changed is kept.
            update(
                [
                    layout.faces(dataset, crop, "{attack}")
                    for crop in attack_plan.attacked_crops(config, dataset)
                ]
            ),
        log:
            f"logs/attack/{dataset}/{{attack}}.log",
        benchmark:
            f"benchmarks/attack/{dataset}/{{attack}}.tsv"
        conda:
            "../envs/models.yaml"
        threads: 16
        resources:
            gpu=partial(inputs.surrogates_gpu, config),
            mem_mb=lookup("attacks/{attack}/mem_mb", within=config),
            runtime=24 * 60,
        params:
            code=library("attack.py"),
            dataset=dataset,
            crops=attack_plan.attacked_crops(config, dataset),
            specs=[config["crops"][crop] for crop in attack_plan.attacked_crops(config, dataset)],
            spec=inputs.attack_spec(config, dataset),
            state=partial(inputs.attack_state, config),
            memory=layout.seen("attack", "{attack}"),
            parts=config["datasets"][dataset]["parts"],
            device=config["embed"]["device"],
            work=f"work/attack/{dataset}/{{attack}}",
        script:
            "../scripts/attack.py"


for dataset, variant in jobs.reencode_jobs(config):

    rule:
        name:
            jobs.rule_name("reencode", dataset, variant)
        input:
            faces=[
                layout.faces(dataset, crop, variant)
                for crop, _ in jobs.reencoded(config, dataset, variant)
            ],
        output:
            # `update`: what was made of the same faces is kept.
            update(
                [
                    layout.faces(dataset, crop, f"{variant}+{name}")
                    for crop, name in jobs.reencoded(config, dataset, variant)
                ]
            ),
        log:
            f"logs/reencode/{dataset}/{variant}.log",
        conda:
            "../envs/models.yaml"
        threads: 4
        resources:
            mem_mb=2000,
            runtime=240,
        params:
            code=library("reencode.py"),
            dataset=dataset,
            variant=variant,
            reencodings=[name for _, name in jobs.reencoded(config, dataset, variant)],
            specs=inputs.reencoding_specs(config),
        script:
            "../scripts/reencode.py"
