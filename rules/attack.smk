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
            like=inputs.faces_to_be_like(config, dataset),
            names=inputs.names_to_be_found_by(config, dataset),
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
        wildcard_constraints:
            attack=one_of(photographs.on_crops(config)),
        conda:
            "../envs/models.yaml"
        threads: 16
        resources:
            gpu=partial(inputs.surrogates_gpu, config),
            mem_mb=more(inputs.of_entry(config, "attacks", "mem_mb")),
            runtime=more(24 * 60),
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


for dataset in attack_plan.attacked_datasets(config) if photographs.on_photographs(config) else []:

    rule:
        name:
            jobs.rule_name("attack_photographs", dataset)
        input:
            data_inputs.made_pictures_of(config, dataset),
            images=layout.images(dataset),
            landmarks=layout.landmarks(dataset),
            faces=photographs.faces_of(config, dataset),
            models=partial(inputs.surrogate_models, config),
            embeddings=photographs.vectors_of(config, dataset),
        output:
            # `update`: photographs that were attacked in the same way are kept.
            table=update(layout.photograph_table(dataset, "{attack}")),
            pictures=directory(layout.photographs(dataset, "{attack}")),
        log:
            f"logs/attack_photographs/{dataset}/{{attack}}.log",
        benchmark:
            f"benchmarks/attack_photographs/{dataset}/{{attack}}.tsv"
        wildcard_constraints:
            attack=one_of(photographs.on_photographs(config)),
        conda:
            "../envs/models.yaml"
        threads: 16
        resources:
            gpu=partial(inputs.surrogates_gpu, config),
            mem_mb=more(inputs.of_entry(config, "attacks", "mem_mb")),
            runtime=more(24 * 60),
        params:
            code=library("attack_photographs.py"),
            dataset=dataset,
            folder=data_inputs.place_of_pictures(config, dataset),
            specs=partial(photographs.specs_of, config),
            spec=inputs.attack_spec(config, dataset),
            parts=config["datasets"][dataset]["parts"],
            device=config["embed"]["device"],
            work=f"work/attack_photographs/{dataset}/{{attack}}",
        script:
            "../scripts/attack_photographs.py"

    rule:
        name:
            jobs.rule_name("crop_attacked", dataset)
        input:
            attacked=layout.photograph_table(dataset, "{attack}"),
            pictures=layout.photographs(dataset, "{attack}"),
            landmarks=layout.landmarks(dataset),
        output:
            # `update`: a crop whose photographs haven't changed is kept.
            update(
                [
                    layout.faces(dataset, crop, "{attack}")
                    for crop in attack_plan.attacked_crops(config, dataset)
                ]
            ),
        log:
            f"logs/crop_attacked/{dataset}/{{attack}}.log",
        wildcard_constraints:
            attack=one_of(photographs.on_photographs(config)),
        conda:
            "../envs/faces.yaml"
        threads: 16
        resources:
            mem_mb=more(4000),
            runtime=more(24 * 60),
        params:
            code=library("crop_attacked.py"),
            dataset=dataset,
            crops=attack_plan.attacked_crops(config, dataset),
            specs=[config["crops"][crop] for crop in attack_plan.attacked_crops(config, dataset)],
            options=config["landmarks"],
        script:
            "../scripts/crop_attacked.py"


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
            mem_mb=more(2000),
            runtime=more(240),
        params:
            code=library("reencode.py"),
            dataset=dataset,
            variant=variant,
            reencodings=[name for _, name in jobs.reencoded(config, dataset, variant)],
            specs=inputs.reencoding_specs(config),
        script:
            "../scripts/reencode.py"
