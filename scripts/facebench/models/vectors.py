"""Vectors that were made elsewhere: they are looked up, and no picture is seen.

A file of rows with a table of their pictures, or a folder as clip-retrieval writes it. Pictures
that it lacks count as failures.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facebench.errors import UserError
from facebench.logs import LOG
from facebench.models.encoder import Encoder, LookedUp, unit_rows
from facebench.models.hub import Wanted
from facebench.models.vector_files import (
    COLUMNS,
    check,
    gather,
    parts_of,
    read_ids,
    read_vectors,
    table_of,
    under,
)
from facebench.pictures.preprocess import Preprocess
from facebench.places import local
from facebench.store.records import Record, file_sha256

if TYPE_CHECKING:
    import pandas as pd

LACKING = "There is no vector of it."


def wanted(path: str, ids: str | None = None, **_: object) -> Wanted:
    """Return where the vectors are. Raises `UserError` if there are none at `path`."""
    place = local(path)
    if not place.is_dir():
        if place.exists():
            table_of(place, ids)
        return Wanted({"weights": (place.name,)}, folder=place.parent)
    if next(place.rglob("img_emb/img_emb_*.npy"), None) is None:
        raise UserError(f"{place} has no vectors: below it there must be img_emb/img_emb_*.npy.")
    return Wanted({}, folder=place)


def load(path: str, ids: str | None = None, **_: object) -> Encoder:
    """Return an encoder that looks vectors up and can't encode; their length is known only then."""

    def encode(pixels: np.ndarray) -> np.ndarray:
        raise UserError(f"The vectors in {path} were made elsewhere; no picture can be added here.")

    find = partial(lookup, local(path), ids)
    record = {"dtype": "float32", "device": "cpu"}
    return Encoder(0, Preprocess(), encode, record, lookup=find)


def parameters(**_: object) -> tuple[int, int]:
    """Return 0 and 0: nothing is known of the network."""
    return 0, 0


def lookup(place: Path, ids: str | None, labels: "pd.DataFrame", record: Record) -> LookedUp:
    """Return the vectors of the pictures `labels` of a crop and a variant, which `record` names.

    Raises `UserError` where there are none, or where some could be of another picture.
    """
    import pandas as pd

    crop = record.get("faces", {}).get("crop", "")
    parts = list(parts_of(place, ids, crop, _variant(record)))
    vectors = [read_vectors(rows) for rows, _ in parts]
    tables = [read_ids(table) for _, table in parts]
    check(parts, vectors, tables)
    column = next(name for name in COLUMNS if all(name in table for table in tables))
    names = pd.Index(pd.concat([table[column] for table in tables]).astype("str"))
    if names.has_duplicates:
        twice = names[names.duplicated()][0]
        raise UserError(f"{place} has two vectors of {column} {twice!r}.")
    keys = labels[COLUMNS[column]]
    at = names.get_indexer(keys)
    if len(keys) and (at < 0).all():
        raise UserError(
            f"No picture has a vector in {place}: the {column} there are like {[*names][:1]},"
            f" those of the pictures like {[*keys][:1]}."
        )
    raw = gather(vectors, at[at >= 0])
    pointing = np.zeros(len(at), bool)
    pointing[at >= 0] = raw.any(axis=1)
    missing = labels["path"][~pointing].tolist()
    if missing:
        LOG.warning(
            "%d of %d pictures have no vector, or one of zeros, and count as failures: %s%s",
            len(missing), len(labels), ", ".join(missing[:3]), ", ..." if missing[3:] else "",
        )  # fmt: skip
    base = place if place.is_dir() else place.parent
    hashes = {under(base, file): file_sha256(file) for part in parts for file in part}
    facts = {
        "vectors_sha256": hashes,
        "dim": raw.shape[1],
        "preprocess": {"variant": "made elsewhere"},
        "failed": {LACKING: len(missing)} if missing else {},
    }
    return LookedUp(unit_rows(raw[raw.any(axis=1)]), pointing, facts)


def _variant(record: Record) -> str:
    """Return the variant of the faces that a record is of.

    >>> _variant({"attack": {"name": "noise"}, "reencode": {"name": "half"}}), _variant({})
    ('noise+half', 'clean')
    """
    again = record.get("reencode", {}).get("name")
    return record.get("attack", {}).get("name", "clean") + (f"+{again}" if again else "")
