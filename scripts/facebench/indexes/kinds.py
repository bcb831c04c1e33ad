"""Kinds of index: how each is made and opened.

Imported while Snakemake plans, where neither faiss nor NumPy is needed: functions import them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facebench.vectors.stored import StoredVectors

    #: What is written of an index: see `Kind.make`.
    Settings = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A way to find the nearest of many unit rows by inner product.

    make: `make(vectors, folder, **options)` writes an index of `StoredVectors` as the `files` of a
    folder and returns the settings that it is searched with. `rerank`, if it is one of them, is how
    many more rows than asked for are found, to be compared again exactly; without it the scores are
    taken as they are. open: `open(folder, settings)` returns the index as an object with `ntotal`,
    `d` and `search(queries, k)`, which gives scores, float32 (n, k), and rows, int64 (n, k), -1
    where it found none. elsewhere: its vectors are held by a server.
    """

    make: "Callable[..., Settings]"
    open: "Callable[[Path, Mapping[str, Any]], Any]"
    files: tuple[str, ...] = ("index.faiss",)
    elsewhere: bool = False


def faiss_kind(recipe: str = "", *, exact: bool = False) -> Kind:
    """Return a kind that faiss makes in memory of a string for `faiss.index_factory`.

    In the string `{lists}` is a number of lists for as many rows as there are, and `{pieces}` of
    pieces of about four numbers that a row is cut into. exact: its scores are.
    """

    def make(vectors: "StoredVectors", folder: Path, **options: Any) -> "Settings":
        from facebench.indexes.faiss_files import make_in_memory

        given = {"recipe": recipe} | ({"rerank": None, "probes": None} if exact else {})
        return make_in_memory(vectors, folder, **{**given, **options})

    return Kind(make, _open_faiss)


def _open_faiss(folder: Path, settings: Mapping[str, Any]) -> Any:
    from facebench.indexes.faiss_files import open_mapped

    return open_mapped(folder, settings)


def _open_on_disk(folder: Path, settings: Mapping[str, Any]) -> Any:
    from facebench.indexes.faiss_files import open_mapped

    return open_mapped(folder, settings, beside=True)


def _auto(vectors: "StoredVectors", folder: Path, *, memory: float, **options: Any) -> "Settings":
    """Make an exact index if it fits into `memory`, GB, and is searched fast; else `ivf-rabitq`."""
    rows, dim = vectors.shape
    small = rows <= FEW and 4 * rows * dim <= memory * 1e9
    name = "flat" if small else "ivf-rabitq"
    return {"chosen": name, **INDEXES[name].make(vectors, folder, **({} if small else options))}


def _on_disk(vectors: "StoredVectors", folder: Path, **options: Any) -> "Settings":
    from facebench.indexes.faiss_files import make_on_disk

    return make_on_disk(vectors, folder, **options)


def _milvus(vectors: "StoredVectors", folder: Path, **options: Any) -> "Settings":
    from facebench.indexes.milvus_collection import make

    return make(vectors, folder, **options)


def _open_milvus(folder: Path, settings: Mapping[str, Any]) -> Any:
    from facebench.indexes.milvus_collection import open_collection

    return open_collection(folder, settings)


#: Up to here comparing all rows takes less than a tenth of a second a search.
FEW = 1_000_000

INDEXES: dict[str, Kind] = {
    "flat": faiss_kind("Flat", exact=True),
    "ivf-flat": faiss_kind("IVF{lists},Flat"),
    "ivf-sq8": faiss_kind("IVF{lists},SQ8"),
    "ivf-pq": faiss_kind("IVF{lists},PQ{pieces}x4fs"),
    "ivf-rabitq": faiss_kind("IVF{lists},RaBitQ"),
    "hnsw": faiss_kind("HNSW32,SQ8"),
    "factory": faiss_kind(),
    "on-disk": Kind(_on_disk, _open_on_disk, files=("index.faiss", "index.ivfdata")),
    "auto": Kind(_auto, _open_faiss),
    "milvus": Kind(_milvus, _open_milvus, files=(), elsewhere=True),
}
