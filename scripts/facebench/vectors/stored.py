"""Vectors on disk: one or more .npy files, read as one array of unit rows."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.store.atomic import replacing
from facebench.store.damage import undamaged
from facebench.store.keys import content_of_file, read_content
from facebench.store.layout import VectorFiles
from facebench.store.tables import read_record, read_table


class StoredVectors:
    """Unit rows, float32 (n, d), that stay on disk: `vectors[rows]` reads some of them.

    paths: .npy files whose rows follow each other.
    """

    def __init__(self, paths: Sequence[str | Path]) -> None:
        self.parts: list[np.ndarray] = [open_rows(path) for path in paths]
        for path, part in zip(paths, self.parts, strict=True):
            if not all(np.isfinite(block).all() for block in _blocks(part)):
                raise UserError(f"{path} has numbers that are not finite: the model is broken.")

    @classmethod
    def of(cls, rows: np.ndarray) -> "StoredVectors":
        """Return rows that are in memory, float32 (n, d), as if they were stored."""
        vectors = cls([])
        vectors.parts = [rows]
        return vectors

    @property
    def ends(self) -> np.ndarray:
        """The row after the last of each part: int64 (parts,)."""
        return np.cumsum([len(part) for part in self.parts])

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and of numbers a row."""
        return sum(len(part) for part in self.parts), self.parts[0].shape[1]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.shape[0]

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """Return some rows, in the order asked for: float32 (len(rows), d), C order."""
        if len(self.parts) == 1:
            return np.ascontiguousarray(self.parts[0][rows], np.float32)
        found = np.empty((len(rows), self.shape[1]), np.float32)
        ends = self.ends
        part = np.searchsorted(ends, rows, side="right")
        for number, values in enumerate(self.parts):
            here = np.flatnonzero(part == number)
            found[here] = values[rows[here] - (ends[number] - len(values))]
        return found

    def all(self) -> np.ndarray:
        """Return all rows in memory: float32 (n, d), C order."""
        return np.concatenate([np.ascontiguousarray(part, np.float32) for part in self.parts])


def open_rows(path: str | Path) -> np.ndarray:
    """Return the rows of a file, (n, d), left on the disk. Raises `UserError` for a damaged one."""
    with undamaged(path):
        rows: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        if rows.ndim != 2:
            raise ValueError(f"it holds an array of {rows.ndim} dimensions")
    return rows


def read_ids(metadata: Sequence[str | Path]) -> pd.Index:
    """Return the image ids of the rows, in their order, from the tables beside the vectors."""
    tables = [read_table(path, columns=["image_id"]) for path in metadata]
    return pd.Index(pd.concat(tables, ignore_index=True)["image_id"])


def rows_hash(metadata: str | Path) -> str:
    """Return the sha256 of the .npy file that a table of metadata was written beside."""
    return str(read_record(metadata).get("embed", {}).get("rows_sha256", ""))


def content_of(files: VectorFiles) -> list[str]:
    """Return hashes of some faces and their vectors: they change when any of them does."""
    pairs = zip(files.embeddings, files.metadata, strict=True)
    hashes = [rows_hash(table) or content_of_file(rows) for rows, table in pairs]
    return [read_content(files.faces), *hashes]


def save_rows(rows: np.ndarray, path: str | Path) -> None:
    """Write an array to an .npy file, atomically."""
    with replacing(path) as part, open(part, "wb") as file:
        np.save(file, np.ascontiguousarray(rows))


def save_blocks(blocks: Iterable[np.ndarray], shape: tuple[int, int], path: str | Path) -> None:
    """Write blocks of rows, float32 (m, d), as one array (n, d): the file that `save_rows` writes.

    One block is in memory at a time. Raises `ValueError` where they are another number of rows.
    """
    with replacing(path) as part, open(part, "wb") as file:
        kind = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, kind)
        count = 0
        for block in blocks:
            file.write(np.ascontiguousarray(block, "<f4").data)
            count += len(block)
        if count != shape[0]:
            raise ValueError(f"{count} rows came, and not {shape[0]}")


def _blocks(array: np.ndarray, size: int = 2**16) -> Iterator[np.ndarray]:
    """Yield an array in blocks of rows, so that a large file is never in memory at once."""
    for start in range(0, len(array), size):
        yield array[start : start + size]
