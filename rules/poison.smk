"""Experiments with attacks: who is still found, by one model, by several, and in words."""

ATTACKS = EVALUATE["attacks"]
VARIANTS = plan.poison_variants(config)
WRITING = plan.writing_attacks(config)


def files_of(variants, file):
    """Return the path of a file of each of these variants, in their order."""
    return collect(
        "results/{dataset}/{crop}/{variant}/" + file, variant=variants, allow_missing=True
    )


def files_of_decoys(file):
    """Return an input function: the path of a file of every data set of decoys."""

    def paths(wildcards):
        pattern = f"results/{{decoys}}/{{crop}}/clean/{file}"
        return expand(pattern, decoys=decoys(wildcards), allow_missing=True)

    return paths


def first_faces_of_decoys(wildcards):
    """Return the faces of every data set of decoys, in the first crop."""
    pattern = "results/{decoys}/{crop}/clean/faces.parquet"
    return expand(pattern, decoys=decoys(wildcards), crop=EVALUATE["crops"][0])


def decoys(wildcards):
    """Return the data sets whose people join a gallery: those of `poison.decoys`, less itself."""
    return [name for name in config["poison"]["decoys"] if name != wildcards.dataset]


def models_that_recognise():
    """Return the models whose answer is worth telling: all but controls, or all if none is left."""
    return [m for m in EVALUATE["models"] if m not in control_models()] or EVALUATE["models"]


def invented_decoys(wildcards):
    """Return whether all decoys are rendered faces."""
    readers = {config["datasets"][name]["reader"] for name in decoys(wildcards)}
    return readers == {"people"}


def about_attacks():
    """Return the kind and the surrogates of every attack of the study."""
    return {
        name: {key: config["attacks"][name].get(key, []) for key in ("kind", "surrogates")}
        for name in ATTACKS
    }


def poison_results():
    """Return what a study with attacks makes besides the tables of every study."""
    kinds = ["effects", "transfer", "groups", "votes"] if ATTACKS else []
    return expand("results/poison-{kind}.parquet", kind=kinds) + plan.answers(config)


def control_models():
    """Return the models of the study that recognise nobody: raw pixels and random weights."""
    families = {name: config["models"][name]["family"] for name in EVALUATE["models"]}
    return [name for name, family in families.items() if family in ("pixels", "random")]


rule poison:
    """Every experiment on one data set and crop, under one model: who is still found."""
    input:
        images="results/{dataset}/images.parquet",
        faces="results/{dataset}/{crop}/clean/faces.parquet",
        embeddings="results/{dataset}/{crop}/clean/{model}/img_emb/img_emb_0000.npy",
        metadata="results/{dataset}/{crop}/clean/{model}/metadata/metadata_0000.parquet",
        variant_faces=files_of(VARIANTS, "faces.parquet"),
        variant_embeddings=files_of(VARIANTS, "{model}/img_emb/img_emb_0000.npy"),
        variant_metadata=files_of(VARIANTS, "{model}/metadata/metadata_0000.parquet"),
        decoy_faces=files_of_decoys("faces.parquet"),
        decoy_embeddings=files_of_decoys("{model}/img_emb/img_emb_0000.npy"),
        decoy_metadata=files_of_decoys("{model}/metadata/metadata_0000.parquet"),
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
        variant_faces=files_of(WRITING, "faces.parquet"),
        variant_embeddings=files_of(WRITING, "{model}/img_emb/img_emb_0000.npy"),
        variant_metadata=files_of(WRITING, "{model}/metadata/metadata_0000.parquet"),
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
        attacks=about_attacks(),
        controls=control_models(),
        vote="vote" in config["poison"]["defences"],
        statistics=config["statistics"],
    script:
        "../scripts/poison_across.py"


rule collect_poison:
    """The tables over several models, of all data sets and crops in one each."""
    input:
        effects=plan.across_tables(config, "effects"),
        transfer=plan.across_tables(config, "transfer"),
        groups=plan.across_tables(config, "groups"),
        votes=plan.across_tables(config, "votes"),
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
            model=models_that_recognise(),
            allow_missing=True,
        ),
        attacked=collect(
            "results/{dataset}/{crop}/{attack}/faces.parquet",
            crop=EVALUATE["crops"][0],
            attack=ATTACKS,
            allow_missing=True,
        ),
        decoys=first_faces_of_decoys,
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
        models=models_that_recognise(),
        attacks=ATTACKS,
        decoys=decoys,
        invented=invented_decoys,
    script:
        "../scripts/my_cloaks.py"
