"""Train a small model on invented people, and write it as a folder that open_clip or timm loads."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from facebench.logs import LOG, log_to
from facebench.models.device import choose, keep_memory
from facebench.models.gpus import claim
from facebench.store.atomic import move_folder, write_json
from facebench.store.records import file_sha256, library_versions
from facebench.store.tables import write_table
from facebench.training.album import album_of, open_album
from facebench.training.blurred import without_faces
from facebench.training.compact import save
from facebench.training.corpus import TOLD, open_corpus
from facebench.training.loop import Plan, train
from facebench.training.measure import measures
from facebench.training.objectives import OBJECTIVES


def main(
    pictures: Sequence[str],
    strangers: str,
    known: str,
    recipe: Mapping[str, Any],
    work: str,
    output: str,
    threads: int = 1,
    device: str = "auto",
    code: str = "",
    subjects: Sequence[str] = (),
) -> None:
    """Train by `recipe` on the rendered people in the folders `pictures`; write folder `output`.

    subjects: folders of the people whom the recipe's `album` and `captions` are about. `TOLD` in
    `output` says of each of them how often the model saw them, and under which name.

    `strangers` and `known` hold pictures for measuring the training; nothing is chosen by them:
    people who aren't in `pictures`, and other pictures of some who are. A killed run continues from
    its last checkpoint in `work`, unless the recipe, the pictures or the `code` have changed.
    """
    keep_memory()
    import torch

    torch.set_num_threads(threads)
    folder = Path(work) / "model"
    folder.mkdir(parents=True, exist_ok=True)
    corpus = open_corpus(subjects, pictures, recipe)
    album = album_of(corpus.table, threads)
    if recipe.get("album", {}).get("blurred"):
        album = without_faces(album)
    LOG.info("%s pictures of %s people", f"{len(album.pixels):,}", f"{album.identities:,}")
    kind = OBJECTIVES[recipe["objective"]]
    kind.describe(folder, recipe["architecture"], album.table)
    plan = Plan(**{key: recipe[key] for key in Plan.__dataclass_fields__ if key in recipe})
    objective = kind(folder, album, plan.seed)
    others = open_album([strangers], threads), open_album([known], threads)
    size = objective.preprocess.size[0]
    for module in objective.modules():
        module.to(choose(device))
    objective.network.to(memory_format=torch.channels_last).train()
    history = train(
        objective,
        album,
        plan,
        Path(work),
        lambda: measures(objective, str(folder), *others, size),
        key={"recipe": json.dumps(recipe, sort_keys=True), "code": code, "paths": album.paths},
    )
    save(objective.network.state_dict(), folder / objective.weights)
    pd.DataFrame(history).to_csv(folder / "history.csv", index=False)
    facts = {
        "recipe": dict(recipe),
        "pictures": len(album.pixels),
        "people": album.identities,
        "image_parameters": count(getattr(objective.network, "visual", objective.network)),
        "parameters": count(objective.network),
        "seconds": history[-1]["seconds"],
        "threads": threads,
        "sha256": file_sha256(folder / objective.weights),
        "libraries": library_versions("torch", "torchvision", "open-clip-torch", "timm"),
    }
    write_json(folder / "training.json", facts)
    write_table(corpus.people, folder / TOLD, {"recipe": dict(recipe)})
    shutil.rmtree(output, ignore_errors=True)
    move_folder(folder, output)
    # A finished training is no start for another one.
    shutil.rmtree(work)


def count(network: Any) -> int:
    """Return the number of parameters."""
    return sum(parameter.numel() for parameter in network.parameters())


if __name__ == "__main__":
    log_to(snakemake.log[0])
    claim(snakemake.resources.gpu)
    main(
        pictures=snakemake.input.pictures,
        strangers=snakemake.input.strangers[0],
        known=snakemake.input.known[0],
        recipe=snakemake.params.recipe,
        work=snakemake.params.work,
        output=snakemake.output[0],
        threads=snakemake.threads,
        device=snakemake.params.device,
        code=snakemake.params.code,
        subjects=snakemake.input.subjects,
    )
