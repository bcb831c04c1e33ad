"""Models: from their weights to the vectors of faces and names."""


rule weights:
    """Where a model's weights are and what they are; downloaded here, before any long job."""
    input:
        partial(inputs.trained, config),
        parts=partial(inputs.fused, config),
    output:
        layout.model("{model}"),
    log:
        "logs/weights/{model}.log",
    priority: 100
    localrule: True
    conda:
        "../envs/models.yaml"
    resources:
        mem_mb=more(inputs.of_entry(config, "models", "mem_mb")),
        runtime=more(120),
    params:
        code=library("weights.py"),
        spec=partial(inputs.what_to_load, config),
        state=partial(inputs.state_of_weights, config),
    script:
        "../scripts/weights.py"


for job in embed_jobs.embed_jobs(config):

    rule:
        name:
            job.name
        input:
            faces=[layout.faces(*faces) for faces in job.faces],
            images=[layout.images(dataset) for dataset in job.names],
            read=partial(inputs.names_read, config) if job.names else [],
            weights=[layout.model(f"{{model}}{each}") for each in job.features],
        output:
            # `update`: vectors of faces and names that haven't changed are kept.
            embeddings=update(
                [
                    layout.embeddings(*faces, f"{{model}}{each}", job.part)
                    for each in job.features
                    for faces in job.faces
                ]
            ),
            metadata=update(
                [
                    layout.metadata(*faces, f"{{model}}{each}", job.part)
                    for each in job.features
                    for faces in job.faces
                ]
            ),
            names=update([layout.names(dataset, "{model}") for dataset in job.names]),
        log:
            f"logs/{job.name}/{{model}}-{job.part}.log",
        benchmark:
            f"benchmarks/{job.name}/{{model}}-{job.part}.tsv"
        wildcard_constraints:
            model=one_of(job.models),
        conda:
            "../envs/models.yaml"
        threads: inputs.of_entry(config, "models", "threads")
        resources:
            gpu=inputs.of_entry(config, "models", "gpu"),
            mem_mb=more(inputs.of_entry(config, "models", "mem_mb")),
            runtime=more(24 * 60),
            # Here and not under params: results don't depend on them, so changing them re-runs
            # nothing.
            batch_size=config["embed"]["batch_size"],
            shard=config["embed"]["shard"],
        params:
            code=library("embed.py"),
            parts=job.parts,
            settings={key: config["embed"][key] for key in ("preprocess", "device", "precision")},
            templates=config["name"]["templates"] if job.names else [],
            distractors=config["name"]["distractors"] if job.names else 0,
            work=f"work/embed/{job.place}/{{model}}-{job.part}",
        script:
            "../scripts/embed.py"


for job in embed_jobs.fuse_jobs(config):

    rule:
        name:
            job.name
        input:
            embeddings=[
                layout.embeddings(*faces, part, job.part) for faces in job.faces for part in job.of
            ],
            metadata=[
                layout.metadata(*faces, part, job.part) for faces in job.faces for part in job.of
            ],
        output:
            # `update`: vectors that were put together of the same ones are kept.
            embeddings=update(
                [layout.embeddings(*faces, job.model, job.part) for faces in job.faces]
            ),
            metadata=update([layout.metadata(*faces, job.model, job.part) for faces in job.faces]),
        log:
            f"logs/{job.name}/parts/{job.part}.log",
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=more(2000),
            runtime=more(60),
        params:
            code=library("fuse.py"),
            model=job.model,
        script:
            "../scripts/fuse.py"
