"""Nearest pictures: from the index of a data set, for a picture, words or an upload."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from glob import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.data import files, people, places
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.errors import UserError
from facebench.store import layout
from facebench.store.layout import CLEAN
from facebench.vectors.stored import StoredVectors

if TYPE_CHECKING:
    from facebench.indexes.search import Index


@dataclass(frozen=True)
class Vectors:
    """A model's vectors of one set of faces, on disk, and whose they are."""

    rows: StoredVectors
    ids: pd.Index
    identity: np.ndarray

    @cached_property
    def _row(self) -> pd.Series:
        """The first row of each picture, by image_id."""
        return pd.Series(np.arange(len(self.ids)), self.ids)[~self.ids.duplicated()]

    def places(self, image_ids: Iterable[str]) -> np.ndarray:
        """Return the row of each picture, int64 (n,); -1 for one that has none."""
        return self._row.reindex(list(image_ids), fill_value=-1).to_numpy()

    def of(self, image_id: str) -> np.ndarray:
        """Return the vector of a picture, float32 (d,)."""
        row = self.places([image_id])
        if row[0] < 0:
            raise Missing(
                "This picture has no vector: no face was found in it, or no cloak was made.", ""
            )
        return self.rows[row][0]


@cached_until_changed(most=12)
def vectors(dataset: str, crop: str, variant: str, model: str) -> Vectors:
    """Return a model's vectors of the faces of a variant, in however many parts they are."""
    paths = files.matching(places.vector_parts(dataset, crop, variant, model))
    if not paths:
        files.existing(layout.embeddings(dataset, crop, variant, model))
    tables = [
        files.table(layout.metadata(dataset, crop, variant, model, part), ["image_id", "identity"])
        for part in layout.parts(len(paths))
    ]
    listed = pd.concat([table.to_pandas().astype(object) for table in tables])
    with files.readable(layout.embeddings(dataset, crop, variant, model)):
        rows = StoredVectors(paths)
        if [part.ndim for part in rows.parts] != [2] * len(paths):
            raise ValueError("not rows of numbers")
    if [len(part) for part in rows.parts] != [len(table) for table in tables]:
        raise Missing("The vectors and the table of their pictures come from different runs.")
    return Vectors(rows, pd.Index(listed.image_id), listed.identity.to_numpy(object))


@cached_until_changed(most=6)
def index(dataset: str, crop: str, model: str) -> "Index":
    """Return the index of a model's vectors of the clean faces: in memory, mapped or on a server.

    Only some protocols have it written; otherwise an exact one is built here.
    """
    from facebench.indexes import stored
    from facebench.indexes.search import exact_index

    place = layout.index(dataset, crop, CLEAN, model)
    rows = vectors(dataset, crop, CLEAN, model).rows
    if files.stamp(place) is None:
        return exact_index(rows)
    with files.readable(place, reraise=(ImportError,)):
        return stored.read(files.existing(place), rows)


def searched(
    dataset: str, crop: str, model: str, queries: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what `facebench.indexes.search.nearest` does in the index of a model.

    Raises `Missing` where it is held by a server that has gone away since it was opened.
    """
    from facebench.indexes.search import nearest

    found = index(dataset, crop, model)
    try:
        return nearest(found, queries, k)
    except UserError as error:
        raise files.told(error, layout.index(dataset, crop, CLEAN, model)) from error


def variants(dataset: str, crop: str, model: str) -> list[str]:
    """Return the sets of faces of which this model has vectors, the clean one first."""
    some = layout.embeddings(*map(escape, (dataset, crop)), "*", escape(model))
    base, _ = places.pattern(some)
    names = {path.relative_to(base).parts[2] for path in files.matching(some)}
    return sorted(names, key=lambda name: (name != CLEAN, name))


def nearest(
    dataset: str,
    crop: str,
    model: str,
    vector: np.ndarray,
    k: int,
    itself: str = "",
    cloaked: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """Return the k pictures nearest a vector, best first: image_id, identity, similarity, variant.

    itself: a picture that is left out. cloaked: (variant, identity); that person's pictures are in
    the index as the variant has them.
    """
    known = vectors(dataset, crop, CLEAN, model)
    swapped = np.flatnonzero(known.identity == cloaked[1]) if cloaked else np.zeros(0, np.int64)
    found = index(dataset, crop, model)
    if len(found) != len(known.ids) or known.rows.shape[1] != len(vector):
        raise Missing("The index and the vectors come from different runs.")
    scores, rows = searched(dataset, crop, model, vector[None], k + 1 + len(swapped))
    table = pd.DataFrame({"row": rows[0], "similarity": scores[0], "variant": CLEAN})
    if cloaked:
        table = table[~table.row.isin(swapped)]
        table = pd.concat([table, _cloaked(dataset, crop, model, vector, swapped, cloaked[0])])
    table = table.assign(image_id=known.ids[table.row], identity=known.identity[table.row])
    table = table[table.image_id != itself].sort_values(
        "similarity", ascending=False, kind="stable"
    )
    return table.head(k).drop(columns="row").reset_index(drop=True)


def _cloaked(
    dataset: str, crop: str, model: str, vector: np.ndarray, rows: np.ndarray, variant: str
) -> pd.DataFrame:
    """Return similarity and variant of these rows of the index, cloaked where a cloak was made."""
    clean = vectors(dataset, crop, CLEAN, model)
    other = vectors(dataset, crop, variant, model)
    found = other.places(clean.ids[rows])
    similarity = clean.rows[rows] @ vector
    made = found >= 0
    similarity[made] = other.rows[found[made]] @ vector
    return pd.DataFrame(
        {"row": rows, "similarity": similarity, "variant": np.where(made, variant, CLEAN)}
    )


def pictures_of(dataset: str, crop: str, model: str, identity: str) -> list[str]:
    """Return the pictures of a person that can be searched with."""
    known = vectors(dataset, crop, CLEAN, model)
    return list(known.ids[known.identity == identity])


#: How many people are tried.
MOST_TRIED = 100


@cached_until_changed()
def well_found(dataset: str, crop: str, model: str) -> str:
    """Return the first person whose first picture finds another picture of theirs first.

    Of the first `MOST_TRIED`; nobody if there is none.
    """
    known = vectors(dataset, crop, CLEAN, model)
    found = index(dataset, crop, model)
    first = pd.Series(np.arange(len(known.ids)), known.identity).groupby(level=0, sort=False).min()
    tried = [one for one in matching(dataset, "") if one in first.index][:MOST_TRIED]
    if not tried or len(found) != len(known.ids):
        return ""
    asked = first[tried].to_numpy()
    rows = searched(dataset, crop, model, known.rows[asked], 2)[1]
    other = np.where(rows[:, 0] == asked, rows[:, -1], rows[:, 0])
    right = (known.identity[other] == np.array(tried, object)) & (other != asked)
    return str(tried[int(right.argmax())]) if right.any() else ""


#: Longest list sent to the browser; beyond it, type to filter.
MOST_PEOPLE = 500


def matching(dataset: str, typed: str) -> dict[str, str]:
    """Return identity -> name of the people whose name contains what is typed."""
    called = people.names(dataset)
    if typed:
        text = called.astype(str) + " " + called.index.astype(str)
        called = called[text.str.contains(typed, case=False, regex=False).to_numpy()]
    return called.head(MOST_PEOPLE).to_dict()
