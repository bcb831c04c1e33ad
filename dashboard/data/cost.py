"""The cost of the study: Snakemake's benchmark files, one a job."""

import re
from glob import escape
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.data import files, freshness, places
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.store import layout
from facebench.store.layout import CLEAN

#: Step -> what the names after it in a benchmark file's path are.
SHARED = {
    "render_people": ("dataset",),
    "list_images": ("dataset",),
    "landmarks": ("dataset",),
    "crop": ("dataset",),
    "attack": ("dataset", "variant"),
    "embed": ("model",),
}
OF_STUDY = {"evaluate": ("model",), "poison": ("model",)}
#: What a job works on that embeds several data sets with one load of its model.
SEVERAL = "several data sets"
#: The status of a picture that an attack left alone.
UNTOUCHED = "not attacked"
COLUMNS = ["step", "job", "dataset", "variant", "model", "seconds", "memory_mb", "cpu_seconds"]


@cached_until_changed(most=4)
def jobs() -> pd.DataFrame:
    """Return one row a measured job: step, its wildcards, seconds, memory, pictures/s.

    Jobs of steps that studies share are included whichever study ran them.
    """
    folder = places.root() / "benchmarks"
    paths = [path for path, _ in freshness.track(folder, "**/*.tsv")]
    if not paths:
        raise Missing("There are no benchmark files beside the results.")
    datasets = slugs()
    read = [row for path in paths if (row := job(path.relative_to(folder), path, datasets))]
    if not read:
        raise Missing("The benchmark files beside the results can't be read.")
    table = pd.DataFrame(read, columns=COLUMNS)
    table["images"] = [pictures(row) for row in table.to_dict("records")]
    return table.assign(
        per_second=(table.images / table.seconds.where(table.seconds > 0)).astype(float)
    )


def job(name: Path, path: Path, datasets: dict[str, str]) -> dict[str, Any] | None:
    """Return what a benchmark file says, the mean of its runs; None for another study's, or none.

    name: its path in the folder of benchmarks. datasets: data sets by their name in rules.
    """
    step, *parts = name.with_suffix("").parts
    steps = SHARED
    if step == places.study() and len(parts) > 1:
        step, *parts = parts
        steps = OF_STUDY
    rule, _, slug = step.partition("__")
    if rule not in steps:
        return None
    known = dict(zip(steps[rule], parts, strict=False))
    if slug:
        slug = re.sub(r"__\d+$", "", slug)
        known["dataset"] = datasets.get(slug, SEVERAL if slug == "all" else slug)
    if rule == "embed":
        known["model"] = re.sub(r"-\d{4}$", "", known["model"])
    try:
        runs = pd.read_csv(path, sep="\t", na_values=["-"])
        seconds, memory, cpu = runs[["s", "max_rss", "cpu_time"]].astype(float).mean()
    except (OSError, KeyError, ValueError):
        return None
    measured = {"seconds": seconds, "memory_mb": memory, "cpu_seconds": cpu}
    return {"step": rule, "job": ", ".join([slug, *parts] if slug else parts), **known, **measured}


def slugs() -> dict[str, str]:
    """Return the names of the data sets by their names in rules."""
    from facebench.study.jobs import rule_name

    found = files.matching(layout.images("*"))
    return {rule_name(path.parent.name): path.parent.name for path in found}


def pictures(row: dict[str, Any]) -> float:
    """Return how many pictures a job went through; NaN where that doesn't measure its work.

    Jobs that embed are counted by model: `embedding_speed`.
    """
    dataset = row["dataset"]
    if row["step"] == "landmarks":
        tables = [layout.landmarks(dataset)]
    elif row["step"] in ("list_images", "render_people"):
        tables = [layout.images(dataset)]
    elif row["step"] == "crop":
        tables = _listed(layout.faces(escape(dataset), "*", CLEAN))
    elif row["step"] == "attack" and isinstance(row["variant"], str):
        return _attacked(_listed(layout.faces(escape(dataset), "*", escape(row["variant"]))))
    else:
        return float("nan")
    return _rows(tables)


def embedding_speed(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return one row a model: pictures embedded, in all crops and variants, seconds and speed."""
    embed = jobs[jobs.step == "embed"].dropna(subset=["dataset", "model"])
    table = embed.groupby("model", as_index=False).agg(
        seconds=("seconds", "sum"), memory_mb=("memory_mb", "max"), datasets=("dataset", "unique")
    )
    table["images"] = [
        sum(_rows(_metadata(one, model)) for one in (["*"] if SEVERAL in mine else mine))
        for model, mine in zip(table.model, table.datasets, strict=True)
    ]
    table = table[table.images > 0].drop(columns="datasets")
    return table.assign(per_second=table.images / table.seconds)


def _metadata(dataset: str, model: str) -> list[str]:
    some = dataset if dataset == "*" else escape(dataset)
    return _listed(layout.metadata(some, "*", "*", escape(model), "*"))


def _listed(place: str) -> list[str]:
    """Return the places in `store` that match one in which some names are `*`."""
    base, _ = places.pattern(place)
    found = [path.relative_to(base).as_posix() for path in files.matching(place)]
    return [f"{layout.STORE}/{name}" for name in found]


def _attacked(tables: list[str]) -> float:
    """Return in how many rows an attack was tried; it leaves the others' pictures alone."""
    try:
        columns = [files.table(one, ["attack_status"]).column("attack_status") for one in tables]
    except Missing:
        return float("nan")
    tried = sum(sum(one != UNTOUCHED for one in column.to_pylist()) for column in columns)
    return float(tried) or float("nan")


def _rows(tables: list[str]) -> float:
    try:
        return float(sum(files.group_starts(table)[-1] for table in tables)) or float("nan")
    except Missing:
        return float("nan")
