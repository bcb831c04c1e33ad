"""Compare a model's vectors of ten pictures with those that its authors got here (`make golden`).

    .venv/bin/python -m tools.golden [MODEL ...] [--write] [--folder weights/golden]

Why do my numbers differ from yours? If the vectors of the same ten pictures differ, it is the
weights, a library or the hardware; if they don't, it is the data or the settings. The pictures are
of people who don't exist. Without a name all models are compared whose vectors are there; --write
writes those of any model of the configuration, to compare with on another machine. Ends with 1 if a
model gives other vectors.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from facebench.errors import UserError
from facebench.models import FAMILIES, find, load
from facebench.pictures.preprocess import batch
from facebench.store.records import file_sha256
from facebench.study.config import checked
from facebench.study.config_files import read_yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "weights" / "golden"
#: The largest difference of a number that another order of adding makes, in float32.
SAME = 1e-4
#: The lowest cosine that another precision (bfloat16) leaves.
CLOSE = 0.999


class Golden(NamedTuple):
    """Unit rows of the pictures, float32 (10, d), and what they were made with."""

    rows: np.ndarray
    made_with: dict[str, Any]


def main(models: Sequence[str], folder: Path, write: bool) -> int:
    """Compare, or write, the vectors of some models; return how many of them differ."""
    registry = checked(read_yaml(ROOT / "config.yaml"), ROOT / "rules" / "schema")["models"]
    known = {path.stem for path in folder.glob("*.npz")}
    for name in models:
        if name not in registry or not (write or name in known):
            there = ", ".join(sorted(registry if name not in registry else known))
            raise UserError(f"There is nothing for {name}: there are {there}.")
    different = 0
    for name in models or sorted(known):
        made = vectors(registry[name], folder)
        if write:
            save(made, folder / f"{name}.npz")
            print(f"{name}: written to {folder / name}.npz")
            continue
        line, same = compared(read(folder / f"{name}.npz"), made)
        print(f"{name}: {line}")
        different += not same
    return different


def vectors(spec: dict[str, Any], folder: Path, variant: str = "fast") -> Golden:
    """Return a model's vectors of the pictures in a folder, and what they were made with."""
    paths = sorted(folder.glob("*.png"))
    files = find(spec).files
    encoder = load(spec, files)
    rows = encoder.encode(batch([path.read_bytes() for path in paths], encoder.preprocess, variant))
    made_with = {
        "pictures": [file_sha256(path)[:16] for path in paths],
        "weights": file_sha256(files["weights"])[:16] if "weights" in files else "",
        "preprocess": variant,
        **encoder.record,
        "libraries": FAMILIES[spec["family"]].versions(),
    }
    return Golden(rows, made_with)


def compared(golden: Golden, made: Golden) -> tuple[str, bool]:
    """Return what to say of two sets of vectors, and whether they are the same or close."""
    if golden.rows.shape != made.rows.shape:
        return (
            f"{made.rows.shape[1]} numbers instead of {golden.rows.shape[1]}: another model.",
            False,
        )
    apart = float(np.abs(golden.rows - made.rows).max())
    lowest = float((golden.rows * made.rows).sum(axis=1).min())
    said = f"largest difference {apart:.1e}, lowest cosine {lowest:.6f}"
    if apart <= SAME:
        return f"the same ({said}).", True
    others = [key for key in golden.made_with if golden.made_with[key] != made.made_with.get(key)]
    why = "".join(
        f"\n  {key}: {made.made_with.get(key)} here, {golden.made_with[key]} there"
        for key in others
    )
    if lowest >= CLOSE:
        return f"close ({said}), as another precision or library gives.{why}", True
    return f"DIFFERENT ({said}).{why or ' Nothing that is recorded differs.'}", False


def save(golden: Golden, path: Path) -> None:
    """Write vectors and what they were made with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, rows=golden.rows, made_with=np.array(json.dumps(golden.made_with)))


def read(path: Path) -> Golden:
    """Return vectors that `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return Golden(file["rows"], json.loads(str(file["made_with"])))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    try:
        sys.exit(1 if main(given.models, given.folder, given.write) else 0)
    except UserError as error:
        sys.exit(str(error))
