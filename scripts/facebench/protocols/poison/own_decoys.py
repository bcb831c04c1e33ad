"""Decoys who are the data set's own people: told by their pictures, so that they can be left out.

In the crowd such a person would be a twin of the one who is searched for, and come first under
another name: who is found would count as not found.
"""

from io import BytesIO

import numpy as np
import pandas as pd
from PIL import Image

from facebench.pictures.likeness import ALIKE, FIELDS, fields, look
from facebench.store.faces import iter_images
from facebench.store.tables import read_table

#: Pictures of decoys that are compared at a time.
BLOCK = 1024


def own_decoys(own: str, decoys: str) -> list[str]:
    """Return the people of `decoys` one of whose pictures is among `own`, sorted.

    own, decoys: tables of faces in one crop. The same file is told by its `image_id`, another copy
    of the picture by what the crop shows: see `facebench.pictures.likeness`.
    """
    mine, others = (_pictures(path) for path in (own, decoys))
    same = others["image_id"].isin(mine["image_id"]).to_numpy(bool, copy=True)
    looks = _looks(own, mine.index.to_numpy())
    for start in range(0, len(others), BLOCK):
        some = slice(start, start + BLOCK)
        theirs = _looks(decoys, others.index[some].to_numpy())
        same[some] |= (theirs @ looks.T >= ALIKE).any(axis=1)
    return sorted(others["identity"][same].dropna().astype(str).unique())


def _pictures(faces: str) -> pd.DataFrame:
    """Return the usable pictures of a table of faces, whose index is their row."""
    table = read_table(faces, columns=["image_id", "identity", "status"])
    return table[table["status"] == "ok"]


def _looks(faces: str, rows: np.ndarray) -> np.ndarray:
    """Return what rows of a table of faces show, float32 (n, 256): see `fields`."""
    seen = []
    for picture in iter_images(faces, rows):
        with Image.open(BytesIO(picture)) as image:
            seen.append(look(np.asarray(image.convert("RGB"))))
    return fields(seen) if seen else np.zeros((0, FIELDS**2), np.float32)
