"""A small study made by the steps themselves, without Snakemake: one data set, model and number."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from PIL import Image

from facebench.evaluation.results import Numbers, write_results
from facebench.evaluation.task import Result
from facebench.store import layout
from facebench.store.records import code_version, extend, file_sha256
from facebench.store.tables import read_record, read_table, write_table
from facebench.study.code_hash import library
from facebench.vectors.names import candidates, prompts_hash, write_names
from facebench.vectors.stored import save_rows
from scripts import collect, list_images

STUDY, DATASET, CROP, MODEL = "album", "photos", "full", "small"
WHERE = (STUDY, DATASET, CROP, MODEL)
TEMPLATES = ["a photo of {}", "{}"]


def write_study():
    """Write a whole study into the working directory; its configuration is `album.yaml`."""
    for number, person in enumerate(["Ana", "Bo", "Bo"]):
        path = Path("pictures", person, f"{number}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (60 * number, 90, 120)).save(path)
    config = {"datasets": {DATASET: {"reader": "folder", "folder": "pictures", "names": True}}}
    config["name"] = {"templates": TEMPLATES}
    Path(f"{STUDY}.yaml").write_text(yaml.safe_dump(config))
    list_images.main(
        dataset=DATASET,
        pictures="pictures",
        archive=None,
        files={},
        reader="folder",
        options={"names": True},
        pixels=10**6,
        code=library("list_images.py"),
        threads=1,
        pieces="work/list",
        images_output=layout.images(DATASET),
        pairs_output=layout.pairs(DATASET),
    )
    write_model()
    write_numbers(write_prompts(write_vectors()))
    outputs = ["metrics.parquet", "metrics.csv", "comparisons.parquet", "records.parquet"]
    collect.main(
        [layout.metrics(*WHERE, "name")],
        [],
        [layout.model(MODEL)],
        {MODEL: {}},
        *(layout.result(STUDY, name) for name in [*outputs, "models.parquet"]),
    )


def write_model():
    """Write a model's weights, and their description."""
    Path("small.bin").write_bytes(b"weights")
    described = {"model": MODEL, "family": "open_clip", "kind": "CLIP", "text": True}
    described |= {"control": False, "parameters_m": 1.0, "total_parameters_m": 1.0}
    described |= {"files": {"weights": str(Path("small.bin").absolute())}, "record": {}}
    path = Path(layout.model(MODEL))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(described))


def write_vectors():
    """Write vectors of all pictures; return their record."""
    images = read_table(layout.images(DATASET))
    place = (DATASET, CROP, layout.CLEAN, MODEL)
    save_rows(np.eye(len(images), 4, dtype=np.float32), layout.embeddings(*place))
    record = extend(
        read_record(layout.images(DATASET)),
        "embed",
        model=MODEL,
        weights_sha256=file_sha256("small.bin"),
        rows_sha256=file_sha256(layout.embeddings(*place)),
        code=code_version(library("embed.py")),
    )
    people = images.rename(columns={"path": "image_path"})[["image_id", "image_path", "identity"]]
    write_table(people, layout.metadata(*place), record)
    return record


def write_prompts(record):
    """Write the text vectors of the people's names and two more; return their record."""
    names = candidates(layout.images(DATASET), 4)
    prompts = prompts_hash(names.all, TEMPLATES)
    record = extend(
        record,
        "embed_text",
        model=MODEL,
        prompts_sha256=prompts,
        names={pool: len(getattr(names, pool)) for pool in names._fields},
        templates=TEMPLATES,
        code=code_version(library("embed.py")),
    )
    rows = np.ones((len(TEMPLATES), 4, 4), np.float32)
    write_names(
        layout.names(DATASET, MODEL),
        rows=rows,
        names=names,
        templates=TEMPLATES,
        record=record,
        key="",
    )
    return record


def write_numbers(record):
    """Write two numbers of naming, one of which could not be measured."""
    where = {"dataset": DATASET, "crop": CROP, "model": MODEL}
    numbers = Numbers("name", where, n_identities=2, n_images=3, n_failed=0)
    numbers.add("top1", 1 / 3, (0.1, 0.7), "all")
    numbers.refuse("top5", "There are too few names.", "all")
    outcomes = pd.DataFrame({"identity": ["Ana", "Bo"], "rank": [1.0, np.nan]})
    write_results(
        Result(numbers, outcomes, {"names": 4}, record),
        metrics=layout.metrics(*WHERE, "name"),
        outcomes=layout.outcomes(*WHERE, "name"),
        code=library("facebench/evaluation/name.py"),
    )
