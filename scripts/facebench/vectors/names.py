"""The names of a data set's people, and invented ones, as a model's text vectors."""

import hashlib
import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from facebench.store.atomic import replacing
from facebench.store.damage import NONSENSE
from facebench.store.records import Record
from facebench.store.tables import read_table
from facebench.vectors.distractor_names import invented_names


def candidates(images: str | Path, most: int) -> tuple[list[str], list[str]]:
    """Return the names of a data set's people, and invented ones that make them `most` in all."""
    people = names_of(images)
    return people, invented_names(max(0, most - len(people)), avoid=people)


def names_of(images: str | Path) -> list[str]:
    """Return the names of the people in a table of images that can be used, sorted."""
    table = read_table(images, columns=["name", "status"])
    return sorted(table.name[(table.status == "ok") & table.name.notna()].unique())


def prompts_hash(names: Sequence[str], templates: Sequence[str]) -> str:
    """Return the sha256 of the names and templates, in their order."""
    text = json.dumps([list(names), list(templates)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_names(
    path: str | Path,
    *,
    rows: np.ndarray,
    people: Sequence[str],
    invented: Sequence[str],
    templates: Sequence[str],
    record: Record,
    key: str,
) -> None:
    """Write text vectors to the .npz file `path`, atomically; none of its arrays needs pickle.

    rows: float32 (templates x names, dim). Arrays: `embeddings` float32 (templates, names, dim),
    unit rows; `names` and `is_distractor` (names,), people first; `templates`; `record` and `key`.
    """
    names = [*people, *invented]
    arrays: dict[str, Any] = {
        "embeddings": rows.reshape(len(templates), len(names), -1),
        "names": np.array(names, dtype=np.str_),
        "is_distractor": np.arange(len(names)) >= len(people),
        "templates": np.array(list(templates), dtype=np.str_),
        "record": np.array(json.dumps(record, sort_keys=True, ensure_ascii=False)),
        "key": np.array(key),
    }
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    with replacing(path) as part:
        part.write_bytes(buffer.getbuffer())


def read_names_key(path: str | Path) -> str:
    """Return the key that text vectors were written with; "" where there are none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return str(file["key"]) if "key" in file else ""
    except (OSError, *NONSENSE):
        return ""
