"""Indices that faiss makes: in memory, or in parts that are merged on the disk."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import numpy as np

from facebench.errors import UserError
from facebench.logs import Progress
from facebench.store.damage import undamaged
from facebench.timing import loading
from facebench.vectors.stored import StoredVectors

#: Rows that are read and added at a time.
BLOCK = 2**16
#: Rows that faiss wants to learn each list from.
ROWS_A_LIST = 39


def load_faiss() -> ModuleType:
    """Return faiss, which otherwise logs every instruction set that it tries to load."""
    logging.getLogger("faiss.loader").setLevel(logging.WARNING)
    with loading():
        import faiss
        import faiss.contrib.ondisk  # noqa: F401 (an attribute of faiss from here on)

    return faiss


def make_in_memory(
    vectors: StoredVectors,
    folder: Path,
    *,
    recipe: str,
    rerank: int | None,
    probes: int | None = None,
    sample: int = 0,
) -> dict[str, Any]:
    """Write `index.faiss`, made of all rows in memory; return the settings it is searched with.

    recipe: for `faiss.index_factory`, see `filled`. sample: the most rows that it learns from.
    """
    text = filled(recipe, *vectors.shape, sample)
    index = learnt(vectors, text, sample)
    progress = Progress(len(vectors), "vectors")
    for rows in blocks(vectors, 0, len(vectors)):
        index.add(rows)
        progress.step(len(rows))
    load_faiss().write_index(index, str(folder / "index.faiss"))
    return {"recipe": text, "probes": probes, "rerank": rerank}


def make_on_disk(
    vectors: StoredVectors,
    folder: Path,
    *,
    recipe: str,
    rerank: int,
    probes: int,
    sample: int,
    part: int,
) -> dict[str, Any]:
    """As `make_in_memory`, with no more than `part` rows in memory: the lists are merged on disk.

    The recipe's lists must be plain ones: the fast scans' (`fs`) can't be merged.
    """
    faiss = load_faiss()
    text = filled(recipe, *vectors.shape, sample)
    index = learnt(vectors, text, sample)
    progress = Progress(len(vectors), "vectors")
    with TemporaryDirectory(dir=folder, prefix="parts-") as work:
        empty = f"{work}/empty.faiss"
        faiss.write_index(index, empty)
        pieces = []
        for start in range(0, len(vectors), part):
            piece = faiss.read_index(empty)
            for rows in blocks(vectors, start, min(start + part, len(vectors))):
                first = start + piece.ntotal
                piece.add_with_ids(rows, np.arange(first, first + len(rows)))
                progress.step(len(rows))
            pieces.append(f"{work}/{start}.faiss")
            faiss.write_index(piece, pieces[-1])
            del piece
        faiss.contrib.ondisk.merge_ondisk(index, pieces, str(folder / "index.ivfdata"))
    faiss.write_index(index, str(folder / "index.faiss"))
    return {"recipe": text, "probes": probes, "rerank": rerank}


def open_mapped(folder: Path, settings: Mapping[str, Any], *, beside: bool = False) -> Any:
    """Return the index of a folder, mapped into memory. Raises `UserError` for a damaged one.

    beside: its lists are in a second file.
    """
    faiss = load_faiss()
    path = folder / "index.faiss"
    with undamaged(path):
        flags = faiss.IO_FLAG_ONDISK_SAME_DIR if beside else faiss.IO_FLAG_MMAP_IFC
        index = faiss.read_index(str(path), flags)
    if settings["probes"] is not None:
        set_probes(index, settings["probes"])
    return index


def set_probes(index: Any, probes: int) -> None:
    """Let a search look at this many lists, or at this many neighbours in a graph."""
    lists = load_faiss().try_extract_index_ivf(index)
    if lists is not None:
        lists.nprobe = min(probes, lists.nlist)
    elif hasattr(index, "hnsw"):
        index.hnsw.efSearch = probes


def filled(recipe: str, rows: int, dim: int, sample: int) -> str:
    """Return a recipe with its numbers of lists and of pieces of a row.

    Lists: the power of two next below four times the root of the rows, and not more than can be
    learnt. Pieces: of four numbers, or of the next larger number that divides the row.

    >>> filled("IVF{lists},PQ{pieces}x4fs", 10**6, 512, 2**18)
    'IVF2048,PQ128x4fs'
    >>> filled("IVF{lists},PQ{pieces}x4fs", 100, 6, 2**18)
    'IVF2,PQ1x4fs'
    """
    most = min(int(4 * rows**0.5), min(rows, sample) // ROWS_A_LIST)
    lists = 2 ** max(most.bit_length() - 1, 0) if most else 1
    pieces = next(n for n in range(max(dim // 4, 1), 0, -1) if dim % n == 0)
    try:
        return recipe.format(lists=lists, pieces=pieces)
    except (LookupError, ValueError) as error:
        raise UserError(
            f'index.recipe "{recipe}" can hold {{lists}} and {{pieces}} and no other braces.'
        ) from error


def learnt(vectors: StoredVectors, recipe: str, sample: int) -> Any:
    """Return an index without rows that has learnt from some. Raises `UserError` if it can't."""
    faiss = load_faiss()
    rows, dim = vectors.shape
    try:
        index = faiss.index_factory(dim, recipe, faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            chosen = np.random.default_rng(0).permutation(rows)[:sample]
            index.train(vectors[np.sort(chosen)])
    except RuntimeError as error:
        raise UserError(
            f"An index of the recipe {recipe} can't be made of {rows:,} rows of {dim} numbers:"
            f" faiss says {str(error).rpartition('Error: ')[2].strip()[:300]!r}."
        ) from error
    return index


def blocks(vectors: StoredVectors, start: int, end: int) -> Iterator[np.ndarray]:
    """Yield the rows from `start` until `end`, a block at a time: float32 (rows, d), C order."""
    for first in range(start, end, BLOCK):
        yield vectors[np.arange(first, min(first + BLOCK, end))]
