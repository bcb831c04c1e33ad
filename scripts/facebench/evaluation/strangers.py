"""Strangers who are added to a gallery: pictures of other data sets, or simulated vectors."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from facebench.evaluation.pictures import load
from facebench.logs import LOG
from facebench.protocols.poison.own_decoys import own_decoys
from facebench.store.layout import VectorFiles
from facebench.store.records import record_id
from facebench.vectors.stored import StoredVectors


class Strangers(NamedTuple):
    """Pictures of people who are not in a data set, in random order."""

    sources: list[StoredVectors]
    #: Of every picture the number of its source, and its row there: int64 (n,) both.
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
    sources, parts, origins, left_out = [], [], {}, {}
    for number, (name, files) in enumerate(others.items()):
        pictures = load(*files)
        out = own_decoys(own, files.faces)
        there = ~pictures.labels["identity"].isin(out).to_numpy() & ~pictures.failed
        rows = pictures.rows[there]
        LOG.info("%s: %s strangers' pictures", name, f"{len(rows):,}")
        sources.append(pictures.embeddings)
        parts.append(np.stack([np.full(len(rows), number), rows]))
        origins[name] = record_id(pictures.record)
        if out:
            left_out[name] = out
    table = np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), np.int64)
    table = table[:, np.random.default_rng(seed).permutation(table.shape[1])]
    return Strangers(sources, table[0], table[1], origins, left_out)
