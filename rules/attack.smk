"""Attacks: the same faces with other pixels, and what is left of them when they are saved again."""


rule attack:
    """The faces of protected people, changed by one attack; those of others are left out."""
    input:
        faces="results/{dataset}/{crop}/clean/faces.parquet",
        models=surrogate_files("results/models/{surrogate}.json"),
        embeddings=surrogate_files(
            "results/{dataset}/{crop}/clean/{surrogate}/img_emb/img_emb_0000.npy"
        ),
        images="results/{dataset}/images.parquet",
        landmarks="results/{dataset}/landmarks.parquet",
    output:
        "results/{dataset}/{crop}/{attack}/faces.parquet",
    log:
        "logs/attack/{dataset}/{crop}/{attack}.log",
    benchmark:
        "benchmarks/attack/{dataset}/{crop}/{attack}.tsv"
    conda:
        "../envs/models.yaml"
    threads: 16
    resources:
        gpu=surrogates_gpu,
        mem_mb=lookup("attacks/{attack}/mem_mb", within=config),
        runtime=24 * 60,
    params:
        code=library("attack.py"),
        spec=attack_spec,
        state=attack_state,
        crop=lookup("crops/{crop}", within=config),
        device=config["embed"]["device"],
        work="work/attack/{dataset}/{crop}/{attack}",
    script:
        "../scripts/attack.py"


rule reencode:
    """The faces of a variant as they are after somebody has saved, shrunk or photographed them."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
    output:
        "results/{dataset}/{crop}/{variant}+{reencoding}/faces.parquet",
    log:
        "logs/reencode/{dataset}/{crop}/{variant}+{reencoding}.log",
    wildcard_constraints:
        variant=ONCE,
    conda:
        "../envs/faces.yaml"
    threads: 4
    resources:
        mem_mb=2000,
        runtime=240,
    params:
        code=library("reencode.py"),
        spec=lookup("reencodings/{reencoding}", within=config),
    script:
        "../scripts/reencode.py"
