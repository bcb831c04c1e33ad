"""Named lists of pictures: a text file with the path of a picture in every line."""

from pathlib import Path

import numpy as np
import pandas as pd

from facebench.datasets.lists import read_text
from facebench.errors import UserError
from facebench.evaluation.task import Task
from facebench.logs import LOG
from facebench.places import local
from facebench.store.faces import read_labels


def chosen_of(task: Task) -> dict[str, np.ndarray]:
    """Return the pictures of each of the task's lists, by its name: ascending places, int64 (n,).

    Raises `UserError` for a line that is the path of no picture. Copies, and pictures of nobody in
    particular, take no part in any protocol; the log says how many were listed.
    """
    if not task.lists:
        return {}
    known = set(read_labels(task.files["faces"])["path"])
    places = pd.Index(task.pictures.labels["path"])
    found = {}
    for name, file in task.lists.items():
        paths = listed(local(file))
        if strange := [path for path in paths if path not in known]:
            raise UserError(
                f"all_pairs.lists.{name}: {file} lists {strange[0]}"
                + (f" and {len(strange) - 1:,} others" if len(strange) > 1 else "")
                + f", and {task.where['dataset']} has no such picture. Paths are those of"
                f" store/{task.where['dataset']}/images.parquet."
            )
        rows = places.get_indexer(pd.Index(paths))
        if left_out := int((rows < 0).sum()):
            LOG.info("%s: %s listed pictures are copies, or of nobody.", name, f"{left_out:,}")
        found[name] = np.sort(rows[rows >= 0]).astype(np.int64)
    return found


def listed(file: Path) -> list[str]:
    """Return the paths in a list, each once; empty lines are no paths."""
    lines = (line.strip() for line in read_text(file).splitlines())
    return list(dict.fromkeys(line for line in lines if line))
