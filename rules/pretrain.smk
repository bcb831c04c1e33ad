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


rule names_seen:
    """What the trained models name and recognise, against how often they saw people."""
    input:
        outcomes=[layout.outcomes("{study}", *job) for job in plan.told_outcomes(config)],
        images=[layout.images(dataset) for dataset in EVALUATE["datasets"]],
        folders=[one["folder"] for one in trained.models(config).values()],
    output:
        "results/{study}/names-seen.parquet",
    log:
        "logs/{study}/names_seen.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(4000),
        runtime=more(30),
    params:
        code=library("names_seen.py"),
        jobs=plan.told_outcomes(config),
        trained=trained.models(config),
        statistics=STATISTICS,
    script:
        "../scripts/names_seen.py"


rule names_seen_picture:
    """Naming and recognition against how often people were seen, and poisoned."""
    input:
        "results/{study}/names-seen.parquet",
    output:
        svg=report(
            "results/{study}/names-seen.svg",
            caption="captions/names-seen.rst",
            category="Training",
            labels={"what": "names against times seen"},
        ),
        png="results/{study}/names-seen.png",
    log:
        "logs/{study}/names_seen_picture.log",
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(10),
    params:
        code=library("names_seen_picture.py"),
    script:
        "../scripts/names_seen_picture.py"
