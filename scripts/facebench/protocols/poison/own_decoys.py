"""Decoys who are the data set's own people: told by their pictures, so that they can be left out.

In the crowd such a person would be a twin of the one who is searched for, and come first under
another name: who is found would count as not found.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from facebench.pictures.likeness import ALIKE, FIELDS, fields, look
from facebench.store.faces import decode, iter_rows

#: Pictures that are read, and compared, at a time.
BLOCK = 1024


def own_decoys(own: str, decoys: str) -> list[str]:
    """Return the people of `decoys` one of whose pictures is among `own`, sorted.

    own, decoys: tables of faces in one crop. The same file is told by its `image_id`, another copy
    of the picture by what the crop shows: see `facebench.pictures.likeness`.
    """
    parts = [np.zeros((0, FIELDS**2), np.float32)]
    ids: set[str] = set()
    for some in _usable(own):
        ids |= {row["image_id"] for row in some}
        parts.append(_looks(some))
    looks = np.concatenate(parts)
    found: set[str] = set()
    for some in _usable(decoys):
        alike = np.any(_looks(some) @ looks.T >= ALIKE, axis=1)
        for row, near in zip(some, alike, strict=True):
            if near or row["image_id"] in ids:
                found.add(row["identity"])
    return sorted(found - {None})


def _usable(faces: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the usable pictures of a table of faces in blocks."""
    rows = iter_rows(faces, ["image_id", "identity", "status", "image"])
    usable = (row for row in rows if row["status"] == "ok")
    while block := list(islice(usable, BLOCK)):
        yield block


def _looks(rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return what rows of a table of faces show, float32 (n, 256): see `fields`."""
    return fields([look(decode(row["image"])) for row in rows])
