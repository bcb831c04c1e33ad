"""Strangers who are added to a gallery: pictures of other data sets, or simulated vectors."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from facebench.evaluation.pictures import load
from facebench.logs import LOG
from facebench.protocols.poison.own_decoys import own_decoys
from facebench.store.layout import VectorFiles
from facebench.store.records import record_id
from facebench.store.tables import iter_table, read_record
from facebench.vectors.stored import StoredVectors


class Strangers(NamedTuple):
    """Pictures of people who are not in a data set, in random order."""

    sources: list[StoredVectors]
    #: Of every picture the number of its source, int16 (n,), and its row there, int64 (n,).
    source: np.ndarray
    row: np.ndarray
    #: For the record: what they are of, and who was left out, by data set.
    origins: dict[str, str]
    left_out: dict[str, list[str]]

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.row)

    def rows(self, places: np.ndarray) -> np.ndarray:
        """Return the unit rows at some places: float32 (len(places), d)."""
        found: np.ndarray | None = None
        for number, vectors in enumerate(self.sources):
            here = np.flatnonzero(self.source[places] == number)
            if found is None:
                found = np.empty((len(places), vectors.shape[1]), np.float32)
            found[here] = vectors[self.row[places[here]]]
        assert found is not None  # noqa: S101 (tells mypy)
        return found

    def blocks(self, count: int, size: int) -> Iterator[np.ndarray]:
        """Yield `count` blocks of `size` rows each: float32 (size, d)."""
        for number in range(count):
            yield self.rows(np.arange(number * size, (number + 1) * size))


def strangers(own: str, others: Mapping[str, VectorFiles], seed: int) -> Strangers:
    """Return the usable pictures of other data sets, without the people who are in one's own.

    own: the faces of the data set; others: by name. People one of whose pictures is among its own
    are left out: they would be found under another name.
    """
    sources, parts, origins, left_out = [], [np.zeros(0, np.int64)], {}, {}
    for name, files in others.items():
        out = own_decoys(own, files.faces)
        vectors = StoredVectors(files.embeddings)
        rows = rows_of_others(files, len(vectors), out)
        LOG.info("%s: %s strangers' pictures", name, f"{len(rows):,}")
        sources.append(vectors)
        parts.append(rows)
        origins[name] = record_id(read_record(files.metadata[0]))
        if out:
            left_out[name] = out
    source = np.repeat(np.arange(-1, len(sources), dtype=np.int16), [len(part) for part in parts])
    row = np.concatenate(parts)
    order = np.random.default_rng(seed).permutation(len(row))
    return Strangers(sources, source[order], row[order], origins, left_out)


def rows_of_others(files: VectorFiles, count: int, out: Sequence[str]) -> np.ndarray:
    """Return the rows of the usable pictures of everybody but the people `out`: int64 (n,).

    In the order of the pictures; they are compared with the list of the `count` vectors as both are
    read, so that neither is ever in memory.
    """
    listed = (name for path in files.metadata for name in _ids(path))
    found, first = [], 0
    for part in iter_table(files.faces, ["image_id", "identity", "status"]):
        usable = part.filter(pc.equal(part["status"], "ok"))
        if list(islice(listed, len(usable))) != usable["image_id"].to_pylist():
            return _looked_up(files, out)
        whose = pc.fill_null(usable["identity"], "")
        others = pc.invert(pc.is_in(whose, pa.array(["", *out], whose.type)))
        found.append(first + np.flatnonzero(np.asarray(others)))
        first += len(usable)
    if next(listed, None) is not None or first != count or not found:
        return _looked_up(files, out)
    return np.concatenate(found)


def _looked_up(files: VectorFiles, out: Sequence[str]) -> np.ndarray:
    """Return the same where some usable pictures have no vector: with both lists in memory."""
    pictures = load(*files)
    return pictures.rows[~pictures.labels["identity"].isin(out).to_numpy() & ~pictures.failed]


def _ids(metadata: str) -> Iterator[str]:
    for part in iter_table(metadata, ["image_id"]):
        yield from part["image_id"].to_pylist()
