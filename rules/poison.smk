"""Experiments with attacks: who is still found, by one model, by several, and in words."""

from facebench.study import attack_plan

ATTACKS = EVALUATE["attacks"]
VARIANTS = attack_plan.variants(config)
WRITING = attack_plan.writing_attacks(config)
RECOGNISING = attack_plan.recognising(config)
CONTROLS = attack_plan.controls(config)

poison_results = partial(attack_plan.results, config)
decoys = partial(attack_plan.decoys, config)
decoy_files = partial(attack_plan.decoy_files, config)


rule poison:
    """Every experiment on one data set and crop, under one model: who is still found."""
    input:
        images="results/{dataset}/images.parquet",
        faces="results/{dataset}/{crop}/clean/faces.parquet",
        embeddings="results/{dataset}/{crop}/clean/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/clean/{model}/metadata/metadata_0000.parquet",
        variant_faces=attack_plan.files(VARIANTS, "faces.parquet"),
        variant_embeddings=attack_plan.files(VARIANTS, "{model}/img_emb/img_emb_0000.npy"),
        variant_metadata=attack_plan.files(VARIANTS, "{model}/metadata/metadata_0000.parquet"),
        decoy_faces=partial(decoy_files, "faces.parquet"),
        decoy_embeddings=partial(decoy_files, "{model}/img_emb/img_emb_0000.npy"),
        decoy_metadata=partial(decoy_files, "{model}/metadata/metadata_0000.parquet"),
    output:
        metrics="results/{dataset}/{crop}/poison/{model}.parquet",
        outcomes="results/{dataset}/{crop}/poison/{model}-outcomes.parquet",
    log:
        "logs/poison/{dataset}/{crop}/{model}.log",
    benchmark:
        "benchmarks/poison/{dataset}/{crop}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        code=library("poison.py"),
        attacks=ATTACKS,
        reencodings=EVALUATE["reencodings"],
        variants=VARIANTS,
        decoys=decoys,
        options=config["poison"],
        statistics=config["statistics"],
    script:
        "../scripts/poison.py"


rule written:
    """What models call a picture on which a name, or something like it, is written."""
    input:
        faces="results/{dataset}/{crop}/clean/faces.parquet",
        embeddings="results/{dataset}/{crop}/clean/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/clean/{model}/metadata/metadata_0000.parquet",
        variant_faces=attack_plan.files(WRITING, "faces.parquet"),
        variant_embeddings=attack_plan.files(WRITING, "{model}/img_emb/img_emb_0000.npy"),
        variant_metadata=attack_plan.files(WRITING, "{model}/metadata/metadata_0000.parquet"),
        names="results/{dataset}/names/{model}.npz",
    output:
        metrics="results/{dataset}/{crop}/poison/names/{model}.parquet",
        outcomes="results/{dataset}/{crop}/poison/names/{model}-outcomes.parquet",
    log:
        "logs/written/{dataset}/{crop}/{model}.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        code=library("written.py"),
        attacks=WRITING,
        statistics=config["statistics"],
    script:
        "../scripts/written.py"


rule index_poison:
    """What entries slipped into an index beside a person's own do to searches for them."""
    input:
        faces="results/{dataset}/{crop}/{variant}/faces.parquet",
        embeddings="results/{dataset}/{crop}/{variant}/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/{variant}/{model}/metadata/metadata_0000.parquet",
    output:
        metrics="results/{dataset}/{crop}/{variant}/{model}/metrics/index_poison.parquet",
        outcomes="results/{dataset}/{crop}/{variant}/{model}/outcomes/index_poison.parquet",
    log:
        "logs/index_poison/{dataset}/{crop}/{variant}/{model}.log",
    benchmark:
        "benchmarks/index_poison/{dataset}/{crop}/{variant}/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        code=library("index_poison.py"),
        train=config["poison"]["train"],
        seed=config["poison"]["seed"],
        options=config["poison"]["index"],
        statistics=config["statistics"],
    script:
        "../scripts/index_poison.py"


rule poison_across:
    """What several models say together: tested effects, transfer, groups, the vote of two."""
    input:
        outcomes=collect(
            "results/{dataset}/{crop}/poison/{model}-outcomes.parquet",
            model=EVALUATE["models"],
            allow_missing=True,
        ),
    output:
        effects="results/{dataset}/{crop}/poison/across/effects.parquet",
        transfer="results/{dataset}/{crop}/poison/across/transfer.parquet",
        groups="results/{dataset}/{crop}/poison/across/groups.parquet",
        votes="results/{dataset}/{crop}/poison/across/votes.parquet",
    log:
        "logs/poison_across/{dataset}/{crop}.log",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        code=library("poison_across.py"),
        models=EVALUATE["models"],
        attacks=attack_plan.attacks(config),
        controls=CONTROLS,
        vote="vote" in config["poison"]["defences"],
        statistics=config["statistics"],
    script:
        "../scripts/poison_across.py"


rule collect_poison:
    """The tables over several models, of all data sets and crops in one each."""
    input:
        effects=attack_plan.across_tables(config, "effects"),
        transfer=attack_plan.across_tables(config, "transfer"),
        groups=attack_plan.across_tables(config, "groups"),
        votes=attack_plan.across_tables(config, "votes"),
    output:
        effects="results/poison-effects.parquet",
        transfer="results/poison-transfer.parquet",
        groups="results/poison-groups.parquet",
        votes="results/poison-votes.parquet",
    log:
        "logs/collect_poison.log",
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=library("collect_poison.py"),
    script:
        "../scripts/collect_poison.py"


rule my_cloaks:
    """For every person of a data set, in words: are they found, and did the cloak change that?"""
    input:
        outcomes=collect(
            "results/{dataset}/{crop}/poison/{model}-outcomes.parquet",
            crop=EVALUATE["crops"],
            model=RECOGNISING,
            allow_missing=True,
        ),
        attacked=collect(
            "results/{dataset}/{crop}/{attack}/faces.parquet",
            crop=EVALUATE["crops"][0],
            attack=ATTACKS,
            allow_missing=True,
        ),
        decoys=partial(attack_plan.decoy_faces, config),
    output:
        text=report("results/{dataset}/my-cloaks.md", category="Results"),
        table="results/{dataset}/my-cloaks.parquet",
    log:
        "logs/my_cloaks/{dataset}.log",
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=library("my_cloaks.py"),
        crops=EVALUATE["crops"],
        models=RECOGNISING,
        attacks=ATTACKS,
        decoys=decoys,
        invented=partial(attack_plan.invented_decoys, config),
    script:
        "../scripts/my_cloaks.py"
