"""Train the purifier that comes with the program, on pictures that a study made.

    .venv/bin/snakemake --cores all --configfile studies/purifier-pairs.yaml
    .venv/bin/python -m tools.train_purifier

It runs where the study ran, on one core. A training that was killed goes on from its last
checkpoint. docs/models.md says what came out.
"""

import argparse
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from facebench.logs import LOG
from facebench.models import read_description
from facebench.models.device import keep_memory
from facebench.pictures.purifier import CONFIG, WEIGHTS, network
from facebench.store import layout
from facebench.store.atomic import move_folder, write_json
from facebench.store.keys import read_content
from facebench.store.records import file_sha256, library_versions
from facebench.study.code_hash import SCRIPTS
from facebench.training.loop import Plan
from facebench.training.purifier import open_pairs, train

#: The study's data set and crop, its attacks, and the models whose rows the loss compares.
FACES = ("purifier-pairs", "tight")
ATTACKS = ("pair-cloak-m", "pair-cloak-s", "pair-noise")
JUDGES = ("mini-m", "mini-s")
ARCHITECTURE = {"width": 48, "layers": 5}


def main(
    root: Path, output: Path, images: int, batch: int = 16, rate: float = 1e-3, seed: int = 0
) -> None:
    """Train on the pictures below `root`, which holds `store`; write the folder `output`."""
    keep_memory()
    import torch
    from safetensors.torch import save_file

    from facebench.attacks.surrogates import open_surrogate

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    files = [root / layout.faces(*FACES, name) for name in (layout.CLEAN, *ATTACKS)]
    pairs = open_pairs(files[0], files[1:])
    LOG.info("%d pictures, in %d versions each", len(pairs.versions), len(files))
    models = [read_description(root / layout.model(name)) for name in JUDGES]
    judges = [open_surrogate(one["spec"], one["files"], "cpu", one["model"]) for one in models]
    net = network(**ARCHITECTURE)
    plan = Plan(images=images, batch=batch, learning_rate=rate, weight_decay=0.0, seed=seed)
    recipe: dict[str, Any] = {
        "architecture": ARCHITECTURE,
        "pictures": {path.parent.name: read_content(path) for path in files},
        "judges": [one["record"] for one in models],
    }
    work = root / "work" / "purifier"
    work.mkdir(parents=True, exist_ok=True)
    history = train(net, pairs, judges, plan, work, {"recipe": json.dumps(recipe, sort_keys=True)})
    folder = work / "model"
    folder.mkdir(exist_ok=True)
    # In 16 bits: what is added to pixels is a small difference, and the file is small anyway.
    save_file({name: one.half() for name, one in net.state_dict().items()}, folder / WEIGHTS)
    write_json(folder / CONFIG, ARCHITECTURE)
    pd.DataFrame(history).to_csv(folder / "history.csv", index=False)
    facts = {
        "recipe": {**recipe, "images": images, "batch": batch, "rate": rate, "seed": seed},
        "pictures": len(pairs.versions),
        "parameters": sum(parameter.numel() for parameter in net.parameters()),
        "seconds": history[-1]["seconds"],
        "threads": 1,
        "sha256": file_sha256(folder / WEIGHTS),
        "libraries": library_versions("torch"),
    }
    write_json(folder / "training.json", facts)
    shutil.rmtree(output, ignore_errors=True)
    move_folder(folder, output)
    shutil.rmtree(work)


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.INFO)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", type=Path, default=Path(), help="where the study ran")
    parser.add_argument("--output", type=Path, default=SCRIPTS.parent / "weights" / "purifier")
    parser.add_argument("--images", type=int, default=24_000, help="pictures shown in all")
    asked = parser.parse_args()
    main(asked.root, asked.output, asked.images)
