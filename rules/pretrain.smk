"""Training the small models that config.yaml evaluates: studies/pretrain.yaml."""


rule pretrain:
    """A small model, trained on invented people, as a folder that its family's loader reads."""
    input:
        pictures=expand("data/{dataset}/images", dataset=PRETRAIN["pictures"]),
        strangers=expand("data/{dataset}/images", dataset=PRETRAIN["strangers"]),
        known=expand("data/{dataset}/images", dataset=PRETRAIN["known"]),
    output:
        directory("trained/{recipe}"),
    log:
        "logs/pretrain/{recipe}.log",
    benchmark:
        "benchmarks/pretrain/{recipe}.tsv"
    conda:
        "../envs/models.yaml"
    threads: PRETRAIN["threads"]
    resources:
        gpu=1,
        mem_mb=6000,
        runtime=24 * 60,
    params:
        code=library("pretrain.py"),
        recipe=lookup("pretrain/recipes/{recipe}", within=config),
        device=config["embed"]["device"],
        work="work/pretrain/{recipe}",
    script:
        "../scripts/pretrain.py"


rule training_curves:
    """Loss, recognition and naming while the models were trained."""
    input:
        expand("trained/{recipe}", recipe=PRETRAIN["recipes"]),
    output:
        svg=report("results/training.svg", category="Training"),
        png="results/training.png",
    log:
        "logs/training_curves.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=library("training_curves.py"),
    script:
        "../scripts/training_curves.py"
