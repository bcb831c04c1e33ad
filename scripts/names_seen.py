"""Write what trained models name and recognise against how often they saw people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from facebench.evaluation.names_seen import COLUMNS, Training, by_times
from facebench.logs import log_to, report_result
from facebench.store import layout
from facebench.store.damage import read_json
from facebench.store.records import code_version
from facebench.store.tables import read_table, write_table
from facebench.texts import counted
from facebench.training.corpus import TOLD

WHERE = ["dataset", "crop", "recipe", "image_parameters"]


def main(
    *,
    study: str,
    jobs: Sequence[tuple[str, str, str, str]],
    trained: Mapping[str, Mapping[str, Any]],
    statistics: Mapping[str, Any],
    code: str,
    output: str,
) -> None:
    """Write one row a recipe, crop, metric, role and number of times.

    jobs: (data set, crop, model, protocol); trained: of every model its `recipe`, `seed`, `folder`,
    and the `trigger` in its captions, {attribute, value}, or None. The recipe of the first model is
    the one that all others are compared with.
    """
    recipes = list(dict.fromkeys(one["recipe"] for one in trained.values()))
    rows = []
    for dataset, crop in dict.fromkeys(job[:2] for job in jobs):
        here = [job for job in jobs if job[:2] == (dataset, crop)]
        every = {
            recipe: [
                training(study, model, one, [job for job in here if job[2] == model])
                for model, one in trained.items()
                if one["recipe"] == recipe
            ]
            for recipe in recipes
        }
        images = read_table(layout.images(dataset))
        for recipe, trainings in every.items():
            first = every[recipes[0]] if recipe != recipes[0] else []
            [said, *_] = [one for one in trained.values() if one["recipe"] == recipe]
            size = read_json(Path(said["folder"]) / "training.json")["image_parameters"]
            where = dict(zip(WHERE, (dataset, crop, recipe, size), strict=True))
            found = by_times(
                trainings,
                first,
                recipes[0],
                statistics["confidence"],
                with_trigger(images, said["trigger"]),
            )
            rows += [{**where, **row} for row in found]
    record = {"names_seen": {"statistics": dict(statistics), "code": code_version(code)}}
    table = pd.DataFrame(rows, columns=[*WHERE, *COLUMNS]).astype({"times": "Int64"})
    write_table(table, output, record)
    report_result(f"{counted(len(recipes), 'recipe')}, {counted(len(trained), 'training')}")


def training(
    study: str, model: str, said: Mapping[str, Any], jobs: Sequence[tuple[str, str, str, str]]
) -> Training:
    """Return the outcomes of a trained model in one crop, and what it was told."""
    outcomes = {job[3]: read_table(layout.outcomes(study, *job)) for job in jobs}
    return Training(said["seed"], outcomes, read_table(Path(said["folder"]) / TOLD))


def with_trigger(images: pd.DataFrame, trigger: Mapping[str, str] | None) -> pd.Series | None:
    """Return whether each picture has the trigger: bool, index `image_id`; None without one."""
    if trigger is None:
        return None
    table = images.dropna(subset="image_id").drop_duplicates("image_id")
    return (table.set_index("image_id")[trigger["attribute"]] == trigger["value"]).astype(bool)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        study=snakemake.wildcards.study,
        jobs=snakemake.params.jobs,
        trained=snakemake.params.trained,
        statistics=snakemake.params.statistics,
        code=snakemake.params.code,
        output=snakemake.output[0],
    )
