"""Faces: where they are in the pictures, and the crops that the models see."""


rule landmarks:
    """Box, eyes, nose and mouth of the face in every picture, or why there is none."""
    input:
        partial(data_inputs.made_pictures, config),
        images=layout.images("{dataset}"),
    output:
        # `update`: landmarks of the same pictures are kept.
        update(layout.landmarks("{dataset}")),
    log:
        "logs/landmarks/{dataset}.log",
    benchmark:
        "benchmarks/landmarks/{dataset}.tsv"
    conda:
        "../envs/faces.yaml"
    threads: 16
    resources:
        mem_mb=more(4000),
        runtime=more(24 * 60),
    params:
        code=library("landmarks.py"),
        pictures=partial(data_inputs.pictures, config),
        options=config["landmarks"],
        work="work/landmarks/{dataset}",
    script:
        "../scripts/landmarks.py"


for dataset in embed_jobs.embedded(config):

    rule:
        name:
            jobs.rule_name("crop", dataset)
        input:
            data_inputs.made_pictures_of(config, dataset),
            images=layout.images(dataset),
            landmarks=layout.landmarks(dataset),
        output:
            # `update`: a crop that hasn't changed is kept.
            update(
                [
                    layout.faces(dataset, crop)
                    for crop in embed_jobs.embedded_crops(config, dataset)
                ]
            ),
        log:
            f"logs/crop/{dataset}.log",
        benchmark:
            f"benchmarks/crop/{dataset}.tsv"
        conda:
            "../envs/faces.yaml"
        threads: 16
        resources:
            mem_mb=more(4000),
            runtime=more(24 * 60),
        params:
            code=library("crop.py"),
            pictures=data_inputs.place_of_pictures(config, dataset),
            crops=embed_jobs.embedded_crops(config, dataset),
            specs=[config["crops"][crop] for crop in embed_jobs.embedded_crops(config, dataset)],
        script:
            "../scripts/crop.py"


for dataset in EVALUATE["datasets"]:

    rule:
        name:
            jobs.rule_name("contact_sheet", dataset)
        input:
            faces=[layout.faces(dataset, crop) for crop in plan.chosen(config, dataset, "crops")],
        output:
            [
                layout.contact_sheet("{study}", dataset, crop)
                for crop in plan.chosen(config, dataset, "crops")
            ],
        log:
            f"logs/{{study}}/contact_sheet/{dataset}.log",
        conda:
            "../envs/faces.yaml"
        resources:
            mem_mb=more(2000),
            runtime=more(30),
        params:
            code=library("contact_sheet.py"),
            dataset=dataset,
            crops=plan.chosen(config, dataset, "crops"),
            seed=STATISTICS["seed"],
        script:
            "../scripts/contact_sheet.py"
