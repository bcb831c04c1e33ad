"""Training the small models that config.yaml evaluates: studies/pretraining.yaml."""


rule pretrain:
    """A small model, trained on invented people, as a folder that its family's loader reads."""
    input:
        pictures=expand("data/{dataset}/images", dataset=config["pretrain"]["pictures"]),
        subjects=expand("data/{dataset}/images", dataset=config["pretrain"]["subjects"]),
        strangers=expand("data/{dataset}/images", dataset=config["pretrain"]["strangers"]),
        known=expand("data/{dataset}/images", dataset=config["pretrain"]["known"]),
    output:
        directory("trained/{recipe}"),
    log:
        "logs/pretrain/{recipe}.log",
    benchmark:
        "benchmarks/pretrain/{recipe}.tsv"
    conda:
        "../envs/models.yaml"
    threads: config["pretrain"]["threads"]
    resources:
        gpu=1,
        mem_mb=more(6000),
        runtime=more(24 * 60),
    params:
        code=library("pretrain.py"),
        recipe=lookup("recipes/{recipe}", within=config["pretrain"]),
        device=config["embed"]["device"],
        work="work/pretrain/{recipe}",
    script:
        "../scripts/pretrain.py"


rule training_curves:
    """Loss, recognition and naming while the models were trained."""
    input:
        expand("trained/{recipe}", recipe=config["pretrain"]["recipes"]),
    output:
        svg=report(
            "results/{study}/training.svg",
            caption="captions/training.rst",
            category="Training",
        ),
        png="results/{study}/training.png",
    log:
        "logs/{study}/training_curves.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(10),
    params:
        code=library("training_curves.py"),
    script:
        "../scripts/training_curves.py"
