"""Nearest pictures: from the index of a data set, or for what a user types or brings."""

from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.data import files, people
from dashboard.data.files import Missing
from dashboard.data.freshness import look

CLEAN = "clean"


@dataclass(frozen=True)
class Vectors:
    """A model's vectors of one set of faces: float32 (n, d), mapped from the file, and whose."""

    rows: np.ndarray
    ids: pd.Index
    identity: np.ndarray

    def of(self, image_id: str) -> np.ndarray:
        """Return the vector of a picture."""
        place = self.ids.get_indexer([image_id])[0]
        if place < 0:
            raise Missing(
                "This picture has no vector: no face was found in it, or no cloak made.", ""
            )
        return np.asarray(self.rows[place], np.float32)


def vectors(dataset: str, crop: str, variant: str, model: str) -> Vectors:
    """Return a model's vectors of the faces of a variant."""
    folder = (dataset, crop, variant, model)
    embeddings = files.place(*folder, "img_emb", "img_emb_0000.npy")
    metadata = files.place(*folder, "metadata", "metadata_0000.parquet")
    return _vectors(embeddings, metadata, files.stamp(embeddings), files.stamp(metadata))


@st.cache_resource(max_entries=12, show_spinner=False)
def _vectors(embeddings: Path, metadata: Path, *versions: files.Stamp) -> Vectors:
    parts = metadata.relative_to(files.results()).parts
    table = files.table(*parts, columns=["image_id", "identity"]).to_pandas()
    with files.readable(embeddings):
        rows = np.load(embeddings, mmap_mode="r", allow_pickle=False)
    if rows.ndim != 2 or len(rows) != len(table):
        raise Missing("The vectors and their list are not of one run.")
    return Vectors(rows, pd.Index(table.image_id.astype(object)), table.identity.to_numpy(object))


def index(dataset: str, crop: str, model: str) -> Any:
    """Return the index of a model's vectors of the clean faces, mapped into memory.

    Only some protocols have one written; without it the same index is built here.
    """
    folder = (dataset, crop, CLEAN, model)
    path = files.place(*folder, "index.faiss")
    if look(path) is None:
        path = files.place(*folder, "img_emb", "img_emb_0000.npy")
    return _index(path, files.stamp(path))


@st.cache_resource(max_entries=6, show_spinner=False)
def _index(path: Path, version: files.Stamp) -> Any:
    from facebench.vectors.index import build, read_index

    with files.readable(path, besides=(ImportError,)):
        return read_index(path) if path.suffix == ".faiss" else build(np.load(path))


def variants(dataset: str, crop: str, model: str) -> list[str]:
    """Return the sets of faces of which this model has vectors, the clean one first."""
    folder = files.place(dataset, crop)
    listed = look(folder, f"*/{escape(model)}/img_emb")
    found = [path.parents[1].name for path, _ in listed]
    return sorted(found, key=lambda name: (name != CLEAN, name))


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

    `itself` is left out. With `cloaked`, (variant, identity), the pictures of that person are in
    the index as the variant left them.
    """
    from facebench.vectors.index import nearest as search

    known = vectors(dataset, crop, CLEAN, model)
    swapped = np.flatnonzero(known.identity == cloaked[1]) if cloaked else np.zeros(0, np.int64)
    found = index(dataset, crop, model)
    if found.ntotal != len(known.ids) or found.d != len(vector):
        raise Missing("The index and the vectors are not of one run.")
    scores, rows = search(found, vector[None], k + 1 + len(swapped))
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
    places = other.ids.get_indexer(clean.ids[rows])
    similarity = np.asarray(clean.rows[rows], np.float32) @ vector
    made = places >= 0
    similarity[made] = np.asarray(other.rows[places[made]], np.float32) @ vector
    return pd.DataFrame(
        {"row": rows, "similarity": similarity, "variant": np.where(made, variant, CLEAN)}
    )


def pictures_of(dataset: str, crop: str, model: str, identity: str) -> list[str]:
    """Return the pictures of a person that can be searched with."""
    known = vectors(dataset, crop, CLEAN, model)
    return list(known.ids[known.identity == identity])


#: A browser gets no longer list than this: of more people, those that match what is typed.
MOST_PEOPLE = 500


def matching(dataset: str, typed: str) -> dict[str, str]:
    """Return identity -> name of those whose name holds what is typed, `MOST_PEOPLE` at most."""
    called = people.names(dataset)
    if typed:
        text = called.astype(str) + " " + called.index.astype(str)
        called = called[text.str.contains(typed, case=False, regex=False).to_numpy()]
    return called.head(MOST_PEOPLE).to_dict()
