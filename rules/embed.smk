"""Models: from their weights to the vectors of faces and names."""


rule weights:
    """Where a model's weights are and what they are; downloaded here, before any long job."""
    input:
        trained,
    output:
        "results/models/{model}.json",
    log:
        "logs/weights/{model}.log",
    priority: 100
    localrule: True
    conda:
        "../envs/models.yaml"
    resources:
        mem_mb=lookup("models/{model}/mem_mb", within=config),
        runtime=120,
    params:
        code=library("weights.py"),
        spec=what_to_load,
        state=state_of_weights,
    script:
        "../scripts/weights.py"


rule embed:
    """Unit-length vectors of every usable face under one model, with who they are."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
        weights="results/models/{model}.json",
    output:
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/{variant}/{model}/metadata/metadata_0000.parquet",
    log:
        "logs/embed/{dataset}/{crop}/{variant}/{model}.log",
    benchmark:
        "benchmarks/embed/{dataset}/{crop}/{variant}/{model}.tsv"
    conda:
        "../envs/models.yaml"
    threads: lookup("models/{model}/threads", within=config)
    resources:
        gpu=lookup("models/{model}/gpu", within=config),
        mem_mb=lookup("models/{model}/mem_mb", within=config),
        runtime=24 * 60,
        # Here and not under params: results don't depend on them, so changing them re-runs nothing.
        batch_size=config["embed"]["batch_size"],
        shard=config["embed"]["shard"],
    params:
        code=library("embed.py"),
        preprocess=config["embed"]["preprocess"],
        device=config["embed"]["device"],
        precision=config["embed"]["precision"],
        work="work/embed/{dataset}/{crop}/{variant}/{model}",
    script:
        "../scripts/embed.py"


rule embed_text:
    """Unit-length vectors of the people's names, and of invented ones, in every template."""
    input:
        images="results/{dataset}/images.parquet",
        weights="results/models/{model}.json",
    output:
        "results/{dataset}/names/{model}.npz",
    log:
        "logs/embed_text/{dataset}/{model}.log",
    benchmark:
        "benchmarks/embed_text/{dataset}/{model}.tsv"
    conda:
        "../envs/models.yaml"
    threads: lookup("models/{model}/threads", within=config)
    resources:
        gpu=lookup("models/{model}/gpu", within=config),
        mem_mb=lookup("models/{model}/mem_mb", within=config),
        runtime=24 * 60,
    params:
        code=library("embed_text.py"),
        templates=config["name"]["templates"],
        distractors=config["name"]["distractors"],
        device=config["embed"]["device"],
        precision=config["embed"]["precision"],
        work="work/embed_text/{dataset}/{model}",
    script:
        "../scripts/embed_text.py"
