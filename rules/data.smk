"""Data: from an archive, or a renderer, to a list of pictures and of pairs."""


rule fetch:
    """A file of a data set, from the first mirror that has it, checked against its sha256."""
    output:
        ensure("data/{dataset}/files/{file}", sha256=partial(data_inputs.remote_sha256, config)),
    log:
        "logs/fetch/{dataset}/{file}.log",
    wildcard_constraints:
        file="[^/]+",
    localrule: True
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=more(500),
        runtime=more(720),
    params:
        file=partial(data_inputs.remote_file, config),
        keep="data/{dataset}/downloads/{file}",
    script:
        "../scripts/fetch.py"


rule unpack:
    """The pictures in the archive of a data set."""

    # Files of a user's own are parameters, with what they hold, and no inputs: see `data_inputs`.
    input:
        partial(data_inputs.fetched_archive, config),
    output:
        directory("data/{dataset}/images"),
    log:
        "logs/unpack/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(plan.unpacked(config)),
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=more(1000),
        runtime=more(240),
    params:
        code=library("unpack.py"),
        ratio=config["limits"]["unpacked_ratio"],
        gigabytes=config["limits"]["unpacked_gb"],
        archive=partial(data_inputs.archive, config),
        encoding=partial(data_inputs.encoding, config),
        state=partial(data_inputs.archive_state, config),
        memory=layout.seen("archive", "{dataset}"),
    script:
        "../scripts/unpack.py"


rule render_people:
    """Pictures of people who don't exist, in a folder that appears when it is complete."""
    output:
        directory("data/{dataset}/images"),
    log:
        "logs/render_people/{dataset}.log",
    benchmark:
        "benchmarks/render_people/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(plan.rendered(config)),
    conda:
        "../envs/faces.yaml"
    threads: 16
    resources:
        mem_mb=more(4000),
        runtime=more(24 * 60),
    params:
        code=library("render_people.py"),
        people=inputs.of_entry(config, "datasets", "people"),
        views=inputs.of_entry(config, "datasets", "views"),
        size=inputs.of_entry(config, "datasets", "size"),
        seed=inputs.of_entry(config, "datasets", "seed"),
        first=inputs.of_entry(config, "datasets", "first"),
        first_view=inputs.of_entry(config, "datasets", "first_view"),
        work="work/render_people/{dataset}",
    script:
        "../scripts/render_people.py"


rule list_images:
    """Every picture of a data set: whose it is, how large, and why it can't be used."""
    input:
        partial(data_inputs.made_pictures, config),
        partial(data_inputs.fetched_archive, config),
        partial(data_inputs.fetched_files, config),
    output:
        images=layout.images("{dataset}"),
        pairs=layout.pairs("{dataset}"),
    log:
        "logs/list_images/{dataset}.log",
    benchmark:
        "benchmarks/list_images/{dataset}.tsv"
    conda:
        "../envs/data.yaml"
    threads: 4
    resources:
        mem_mb=more(4000),
        runtime=more(240),
    params:
        code=library("list_images.py"),
        reader=inputs.of_entry(config, "datasets", "reader"),
        options=partial(data_inputs.reader_options, config),
        pictures=partial(data_inputs.pictures, config),
        archive=partial(data_inputs.archive, config),
        files=partial(data_inputs.other_files, config),
        cloaks=lambda wildcards: endings_beside(config, wildcards.dataset),
        pixels=config["limits"]["pixels"],
        pieces="work/list_images/{dataset}",
        watched=partial(data_inputs.watched, config),
        state=partial(data_inputs.picture_state, config),
        memory=layout.seen("dataset", "{dataset}"),
    script:
        "../scripts/list_images.py"
