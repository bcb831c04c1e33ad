"""Faces: where they are in the pictures, and the crops that the models see."""


rule landmarks:
    """Box, eyes, nose and mouth of the face in every picture, or why there is none."""
    input:
        images="results/{dataset}/images.parquet",
        pictures=pictures,
    output:
        "results/{dataset}/landmarks.parquet",
    log:
        "logs/landmarks/{dataset}.log",
    benchmark:
        "benchmarks/landmarks/{dataset}.tsv"
    conda:
        "../envs/faces.yaml"
    threads: 16
    resources:
        mem_mb=4000,
        runtime=24 * 60,
    params:
        code=library("landmarks.py"),
        options=config["landmarks"],
        work="work/landmarks/{dataset}",
    script:
        "../scripts/landmarks.py"


rule crop:
    """One kind of crop of every picture of a data set."""
    input:
        images="results/{dataset}/images.parquet",
        landmarks="results/{dataset}/landmarks.parquet",
        pictures=pictures,
    output:
        "results/{dataset}/{crop}/clean/faces.parquet",
    log:
        "logs/crop/{dataset}/{crop}.log",
    benchmark:
        "benchmarks/crop/{dataset}/{crop}.tsv"
    conda:
        "../envs/faces.yaml"
    threads: 16
    resources:
        mem_mb=4000,
        runtime=24 * 60,
    params:
        code=library("crop.py"),
        spec=lookup("crops/{crop}", within=config),
    script:
        "../scripts/crop.py"


rule contact_sheet:
    """What the models saw: some people's faces, and some pictures that couldn't be used."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
    output:
        "results/{dataset}/{crop}/{variant}/contact-sheet.jpg",
    log:
        "logs/contact_sheet/{dataset}/{crop}/{variant}.log",
    conda:
        "../envs/faces.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=library("contact_sheet.py"),
        seed=config["statistics"]["seed"],
    script:
        "../scripts/contact_sheet.py"
