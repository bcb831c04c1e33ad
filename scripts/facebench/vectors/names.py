"""The names of a data set's people, and wrong candidates for them, as a model's text vectors."""

import hashlib
import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from facebench.errors import UserError
from facebench.store.atomic import replacing
from facebench.store.damage import NONSENSE
from facebench.store.records import Record
from facebench.store.tables import read_table
from facebench.vectors.distractor_names import invented_names


class Candidates(NamedTuple):
    """Names to choose from: those of a data set's people, and two pools of wrong ones."""

    people: list[str]
    #: Names that nobody read with a picture, as far as is known.
    invented: list[str]
    #: Names that the models read in training.
    read: list[str]

    @property
    def all(self) -> list[str]:
        """All names, in the order of the pools."""
        return [*self.people, *self.invented, *self.read]

    @property
    def pools(self) -> list[str]:
        """The pool of each of `all`: people, invented or read."""
        return [pool for pool in self._fields for _ in getattr(self, pool)]


def candidates(images: str | Path, most: int, read: str | Path = "") -> Candidates:
    """Return the names of a data set's people, and as many wrong ones as make them `most` in all.

    As many are invented, and as many taken from the top of the file `read`, if one is given.
    """
    people = names_of(images)
    count = max(0, most - len(people))
    invented = invented_names(count, avoid=people)
    return Candidates(people, invented, read_list(read, people)[:count] if read else [])


def read_list(path: str | Path, avoid: Sequence[str]) -> list[str]:
    """Return the names in a text file, one a line, without repetitions and those in `avoid`."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"The list of names {path} isn't UTF-8 text: {error}. Save it as UTF-8."
        ) from error
    names = [name for line in lines if (name := " ".join(line.split()))]
    return [name for name in dict.fromkeys(names) if name not in set(avoid)]


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
    names: Candidates,
    templates: Sequence[str],
    record: Record,
    key: str,
    was_read: Sequence[str] = (),
) -> None:
    """Write text vectors to the .npz file `path`, atomically; none of its arrays needs pickle.

    rows: float32 (templates, names, dim), unit rows, written as `embeddings`. Other arrays:
    `names` and `pool` (names,), people first; `was_read`, bool (names,), of those that the model's
    list of read names has; `templates`; `record` and `key`.
    """
    listed = set(was_read)
    arrays: dict[str, Any] = {
        "embeddings": rows,
        "names": np.array(names.all, dtype=np.str_),
        "pool": np.array(names.pools, dtype=np.str_),
        "was_read": np.array([name in listed for name in names.all], dtype=bool),
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
